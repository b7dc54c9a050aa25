import type { ConfiguredDetector, Detector, JudgeContext } from '../detector/detector.ts'
import type { EntityIndex } from './entity-index.ts'
import type { Layout } from './layout.ts'
import type { FindingFrame } from './period-findings.ts'
import type { RunnerOptions } from './runner-options.ts'
import type { WindowView } from './window-view.ts'

/** One configured detector of those that share what they observe: what is judged, and under which settings. */
export interface Instance {
  readonly detector: Detector
  readonly config: unknown
  readonly frame: FindingFrame
  readonly context: JudgeContext<unknown>
  /** Fewest events of an entity that are judged. */
  readonly eventsMin: number
}

/** Makes an instance that judges the windows of `window`. */
export function instanceOf(
  { detector, config }: ConfiguredDetector,
  { frame, threshold, judgeAll }: RunnerOptions,
  { paneMs, windowMs }: Layout,
  window: WindowView,
): Instance {
  const { id, version } = detector
  return {
    detector,
    config,
    frame: { ...frame, detector: id, version, windowMs },
    context: {
      config,
      threshold: (measure, wanted) =>
        threshold(detector, window.entity, window.end - paneMs, measure, wanted),
    },
    eventsMin: judgeAll ? 0 : (detector.eventsMin?.(config) ?? 0),
  }
}

/** Whether the detector has measures of an entity. */
export function isMeasured(
  { measures, measuredKinds }: Detector,
  index: EntityIndex,
  entity: number,
): boolean {
  if (!measures) return false
  return !measuredKinds || measuredKinds.includes(index.kindOf(entity))
}
