import type { PicketConfig } from '../../../config/picket-config.ts'
import type { Baseline } from '../../../core/baseline/baseline.ts'
import type { ConfiguredDetector } from '../../../core/detector/detector.ts'
import type { Restored } from '../../../core/ports/state-store.ts'
import { durationMs } from '../../../core/time/duration.ts'
import { SelfWatch, type SelfWatchOptions } from './self-watch.ts'

export interface WatchedRun {
  readonly config: Pick<PicketConfig, 'space' | 'sources'>
  readonly detectors: readonly ConfiguredDetector[]
  readonly baseline: Baseline
  /** Digest of the manifest. */
  readonly digest: string
  readonly restored: Pick<Restored, 'openFindings'>
  readonly offered?: SelfWatchOptions['offered']
  readonly advice?: SelfWatchOptions['advice']
}

const minuteMs = 60_000

/** The watch over a live run. Sealing waits for the latest of the sources, so lag is what goes beyond it. */
export function selfWatch({
  config,
  detectors,
  baseline,
  digest,
  restored,
  offered,
  advice,
}: WatchedRun): SelfWatch {
  const latenessMs = Math.max(0, ...config.sources.map(({ lateness }) => durationMs(lateness)))
  return new SelfWatch({
    frame: { space: config.space, lane: 'live', manifest: digest },
    detectors: detectors.map(({ detector }) => detector),
    baseline,
    bounds: { lagMsMax: latenessMs + 5 * minuteMs, forMs: 5 * minuteMs },
    restored: restored.openFindings,
    ...(offered && { offered }),
    ...(advice && { advice }),
  })
}
