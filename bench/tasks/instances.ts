import type { ConfiguredDetector } from '../../core/detector/detector.ts'

type Settings = Readonly<Record<string, unknown>>

/** A threshold of each detector that only its judgement reads: `nth` instances differ in it and in nothing else. */
const vary: Readonly<Record<string, (config: Settings, nth: number) => Settings>> = {
  'credential-stuffing': (config, nth) => {
    const address = config.address as Settings & { readonly accounts_min: number }
    return { ...config, address: { ...address, accounts_min: address.accounts_min + nth } }
  },
  'jti-reuse': (config, nth) => ({ ...config, uses_min: Number(config.uses_min) + nth }),
  'sequential-enumeration': (config, nth) => ({ ...config, ids_min: Number(config.ids_min) + nth }),
  'webhook-skew': (config, nth) => ({ ...config, skewed_ids_min: Number(config.skewed_ids_min) + nth }),
}

/**
 * So many configured detectors: those given, then the same ones again and again under other ids, each with one
 * threshold raised by one more. Throws when a detector's settings no longer fit what is varied here.
 */
export function instancesOf(detectors: readonly ConfiguredDetector[], count: number): ConfiguredDetector[] {
  return Array.from({ length: count }, (_, index) => {
    const { detector, config } = detectors[index % detectors.length] as ConfiguredDetector
    const nth = Math.floor(index / detectors.length)
    if (nth === 0) return { detector, config }
    const varied = vary[detector.id]?.(config as Settings, nth) ?? config
    return {
      detector: { ...detector, id: `${detector.id}-${nth}` },
      config: detector.config.parse(varied),
    }
  })
}
