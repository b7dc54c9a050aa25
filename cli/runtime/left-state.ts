import type { ConfiguredDetector } from '../../core/detector/detector.ts'
import { trafficShape } from '../../core/engine/traffic-shape.ts'

/** State of a detector in one of its versions. */
export interface OfDetector {
  readonly detector: string
  readonly version: number
}

/**
 * Of what is held, what no configured detector goes on with: of detectors that were taken out, and of versions that were
 * replaced. It stays, so that a detector that comes back goes on where it was.
 */
export function leftState<Held extends OfDetector>(
  held: readonly Held[],
  configured: readonly Pick<ConfiguredDetector, 'detector'>[],
): Held[] {
  const isUsed = ({ detector, version }: OfDetector) =>
    [trafficShape, ...configured.map((one) => one.detector)].some(
      (one) => one.id === detector && one.version === version,
    )
  return held.filter((one) => !isUsed(one))
}
