import type { Decision, Rate } from '../../core/decision/decision.ts'
import { jsonLine } from './json-line.ts'
import { isoTime } from './times.ts'

/** A decision as `--json` and the control socket give it: fixed names and order, times in ISO 8601. */
export interface DecisionRecord {
  readonly id: string
  readonly scope: string
  readonly value: string
  readonly type: string
  /** As it is written by hand: `5/m`. */
  readonly rate?: string
  readonly from: string
  readonly until: string
  readonly reason: string
  readonly finding?: string
  readonly run?: string
  readonly by: string
}

export function decisionRecord(decision: Decision): DecisionRecord {
  const { id, scope, value, type, rate, from, until, reason, finding, run, by } = decision
  return {
    id,
    scope,
    value,
    type,
    ...(rate ? { rate: rateText(rate) } : {}),
    from: isoTime(from),
    until: isoTime(until),
    reason,
    ...(finding === undefined ? {} : { finding }),
    ...(run === undefined ? {} : { run }),
    by,
  }
}

export function decisionLine(decision: Decision): string {
  return jsonLine(decisionRecord(decision))
}

const unitMs = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000 } as const

/** The inverse of `parseRate`: `5/m`, `10/30s`. */
export function rateText({ count, perMs }: Rate): string {
  for (const [unit, ms] of Object.entries(unitMs)) {
    if (perMs % ms === 0) return `${count}/${perMs === ms ? '' : perMs / ms}${unit}`
  }
  return `${count}/${perMs}ms`
}
