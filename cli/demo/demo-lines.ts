import type { Run } from '../../core/response/run.ts'
import { decisionRecord } from '../render/decision-line.ts'
import { findingLine } from '../render/finding-line.ts'
import { inForce } from '../render/in-force-table.ts'
import { jsonLine } from '../render/json-line.ts'
import type { Replayed } from '../runtime/replay.ts'
import { demoEnd } from './recorded-hour.ts'

/** The results as JSON, one object a line, each with a `type`: findings, then runs, then decisions in force. */
export function demoLines({ findings, runs, decisions, end }: Replayed): string[] {
  const line = (type: string, record: object) => jsonLine({ type, ...record })
  return [
    ...findings.map((finding) => line('finding', JSON.parse(findingLine(finding)) as object)),
    ...runs.map((run) => line('run', runRecord(run))),
    // What a decision calls `type` is taken here.
    ...inForce(decisions, demoEnd(end))
      .map(decisionRecord)
      .map(({ type, ...record }) => line('decision', { enforcement: type, ...record })),
  ]
}

function runRecord({ id, playbook, mode, finding, state, started, steps }: Run): object {
  const iso = (time: number) => new Date(time).toISOString()
  return {
    id,
    playbook,
    mode,
    state,
    finding: finding.id,
    entity: finding.entity,
    started: iso(started),
    steps: steps.map((step) => ({
      ...step,
      at: iso(step.at),
      ...(step.until === undefined ? {} : { until: iso(step.until) }),
    })),
  }
}
