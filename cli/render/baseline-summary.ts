import type { Baseline } from '../../core/baseline/baseline.ts'
import { parseEntityKey } from '../../core/entity/entity.ts'
import { formatDuration } from '../../core/time/duration.ts'
import { shortTime } from './times.ts'

/** Name, span and size, for a person. */
export function baselineHead({ digest, snapshot }: Baseline): string {
  const { space, lane, from, to, histories } = snapshot
  return `baseline   ${digest} of space ${space}, lane ${lane}
span       ${shortTime(from)} to ${shortTime(to)} UTC (${formatDuration(to - from)})
histories  ${histories.length}`
}

/** The same for `--json`. */
export function baselineSummary(baseline: Baseline) {
  const { space, lane, from, to, histories } = baseline.snapshot
  return {
    digest: baseline.digest,
    space,
    lane,
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    histories: histories.length,
    measures: baselineMeasures(baseline),
  }
}

export interface MeasureSummary {
  readonly detector: string
  readonly version: number
  readonly measure: string
  entities: number
  readonly groups: string[]
}

/** By detector and measure: how many entities have a history of their own, and for which kinds one stands in. */
export function baselineMeasures({ snapshot }: Baseline): MeasureSummary[] {
  const found = new Map<string, MeasureSummary>()
  for (const { detector, version, measure, of } of snapshot.histories) {
    const key = `${detector}\u0000${version}\u0000${measure}`
    const one = found.get(key) ?? { detector, version, measure, entities: 0, groups: [] }
    if (parseEntityKey(of)) one.entities++
    else one.groups.push(of)
    found.set(key, one)
  }
  return [...found.values()]
}
