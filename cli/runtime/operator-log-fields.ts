import type { Decision } from '../../core/decision/decision.ts'
import type { Finding } from '../../core/detector/finding.ts'
import type { Entity } from '../../core/entity/entity.ts'
import type { JournalEntry } from '../../core/response/journal.ts'
import type { Run } from '../../core/response/run.ts'
import { rateText } from '../render/decision-line.ts'
import { safeText } from '../render/safe-text.ts'

/** Fields of a log line about a finding. */
export function findingFields(finding: Finding) {
  const { id, detector, entity, severity, score, state, first, last, continues } = finding
  return {
    finding: id,
    detector,
    entity: entityFields(entity),
    severity,
    score,
    state,
    first: iso(first),
    last: iso(last),
    ...(continues === undefined ? {} : { continues }),
  }
}

/** Fields of a log line about how a step ended; `runs` are those of the same commit. */
export function stepFields(entry: JournalEntry, runs: readonly Run[]) {
  const { run: id, step, action, target, until, status = 'unknown', detail } = entry
  const run = runs.find((one) => one.id === id)
  const state = run?.steps.find((one) => one.step === step)
  const why = state?.detail ?? detail
  return {
    run: id,
    ...(run ? { playbook: run.playbook, finding: run.finding.id } : {}),
    step,
    action,
    ...(target ? { target: entityFields(target) } : {}),
    status,
    ...(state?.rule ? { rule: state.rule } : {}),
    ...(why ? { why: safeText(why, 500) } : {}),
    ...(until === undefined ? {} : { until: iso(until) }),
  }
}

/** Fields of a log line about a decision. */
export function decisionFields({ id, type, rate, scope, value, until, by, reason, finding, run }: Decision) {
  return {
    decision: id,
    type,
    ...(rate ? { rate: rateText(rate) } : {}),
    target: entityFields({ kind: scope, id: value }),
    until: iso(until),
    by: safeText(by, 120),
    reason: safeText(reason, 512),
    ...(finding === undefined ? {} : { finding }),
    ...(run === undefined ? {} : { run }),
  }
}

/** Whoever has a session's id may have the session, and logs travel: the finding holds it whole. */
function entityFields({ kind, id }: Entity): { readonly kind: string; readonly id: string } {
  return { kind, id: kind === 'session' ? `${safeText(id.slice(0, 4))}…` : safeText(id, 256) }
}

function iso(time: number): string {
  return new Date(time).toISOString()
}
