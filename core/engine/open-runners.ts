import { rememberedHash } from '../hash/remembered-hash.ts'
import { DetectorRunner } from './detector-runner.ts'
import type { EngineOptions } from './engine-options.ts'
import { groupsThatObserveAlike } from './instances.ts'
import type { RunnerOptions, ThresholdLookup } from './runner-options.ts'

/** An entity costs up to 4 KB in a detector; this many, in all detectors at once, stay within Node's usual heap. */
const entitiesMaxDefault = 100_000
/** A flood of keys between two seals must not take the process down with it. */
const openMaxDefault = 150_000

const floorOnly: ThresholdLookup = (_detector, _entity, _at, _measure, { floor }) => ({
  value: floor,
  source: 'floor',
})

/** The runners of an engine: one for the instances of a detector that observe alike. */
export function openRunners(
  options: EngineOptions,
  told: Pick<RunnerOptions, 'onFinding' | 'onSealed' | 'onEvicted'>,
): DetectorRunner[] {
  const { space, lane, manifest } = options
  const hash = rememberedHash(options.hash)
  return groupsThatObserveAlike(options.detectors).map(
    (instances) =>
      new DetectorRunner({
        instances,
        frame: { space, lane, manifest },
        hash,
        hashOnce: options.hash,
        threshold: options.threshold ?? floorOnly,
        entitiesMax: options.entitiesMax ?? entitiesMaxDefault,
        openMax: options.openMax ?? openMaxDefault,
        keeping: options.keeping ?? 'packs',
        packBounds: options.packBounds,
        judgeAll: options.judgeAll ?? false,
        ...told,
      }),
  )
}
