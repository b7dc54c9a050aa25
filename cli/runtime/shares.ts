import type { ConfiguredDetector } from '../../core/detector/detector.ts'
import { trafficShape } from '../../core/engine/traffic-shape.ts'

/** Which of so many engines side by side. */
export interface Share {
  readonly index: number
  readonly of: number
}

/** What the first engine's thread does beside judging, percent: it reads, decodes, counts the traffic's shape and responds. */
const firstCost = 35
/** Of a detector that does not say. */
const usualCost = 10

/**
 * The detectors of an engine: the costliest is dealt first, each to whoever has least to do so far. Instances of one detector stay
 * together, because they share what they observe. Wrong costs waste time, never a finding.
 */
export function sharedOut(
  detectors: readonly ConfiguredDetector[],
  { index, of }: Share,
): ConfiguredDetector[] {
  const loads: number[] = Array.from({ length: of }, (_, engine) => (engine === 0 ? firstCost : 0))
  const engines = new Map<unknown, number>([[trafficShape.observe, 0]])
  const costOf = ({ detector }: ConfiguredDetector) => detector.cost ?? usualCost
  for (const one of detectors.toSorted((left, right) => costOf(right) - costOf(left))) {
    if (engines.has(one.detector.observe)) continue
    const engine = loads.indexOf(Math.min(...loads))
    loads[engine] = (loads[engine] as number) + costOf(one)
    engines.set(one.detector.observe, engine)
  }
  return detectors.filter(({ detector }) => engines.get(detector.observe) === index)
}
