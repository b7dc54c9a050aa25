import type { ConfiguredDetector, Detector } from '../detector/detector.ts'
import { canonicalJson } from '../manifest/canonical-json.ts'

/**
 * The configured detectors in groups that observe alike, in the order of their first ones: instances of one detector, by
 * the function and the cells that they observe with, under settings that make no difference to what is observed.
 */
export function groupsThatObserveAlike(
  detectors: readonly ConfiguredDetector[],
): readonly (readonly [ConfiguredDetector, ...ConfiguredDetector[]])[] {
  const groups: {
    readonly settings: string
    readonly members: [ConfiguredDetector, ...ConfiguredDetector[]]
  }[] = []
  for (const one of detectors) {
    const settings = observedSettings(one)
    const group = groups.find((known) => known.settings === settings && isAlike(known.members[0], one))
    if (group) group.members.push(one)
    else groups.push({ settings, members: [one] })
  }
  return groups.map(({ members }) => members)
}

function observedSettings({ detector, config }: ConfiguredDetector): string {
  const observed = detector.observes ? detector.observes(config) : config
  return canonicalJson({ observed: observed ?? null, window: detector.window(config) })
}

function isAlike({ detector: left }: ConfiguredDetector, { detector: right }: ConfiguredDetector): boolean {
  const shared: readonly (keyof Detector)[] = ['observe', 'observes', 'window', 'pane', 'memory', 'vantage']
  return left.id !== right.id && shared.every((part) => left[part] === right[part])
}
