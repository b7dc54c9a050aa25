import type { Decision, DecisionType, Rate } from '../decision/decision.ts'
import { decisionProblem } from '../decision/decision-problem.ts'
import type { EntityKind } from '../entity/entity.ts'
import { canonicalJson } from '../manifest/canonical-json.ts'
import { formatDuration } from '../time/duration.ts'
import { protectedDetail } from './checks/protected-check.ts'
import { decidableId } from './decidable-id.ts'
import { plainText } from './plain-text.ts'
import { commitChanges, journalEntry, type ResponderState } from './responder-state.ts'
import type { RefusalRule } from './run.ts'
import { responseHash } from './run-id.ts'
import { takeBack } from './take-back.ts'

/** What a person wants enforced. */
export interface ManualDecision {
  readonly scope: EntityKind
  /** As the person wrote it; it is made canonical. */
  readonly value: string
  readonly type: DecisionType
  /** Needed with `throttle`, refused with the others. */
  readonly rate?: Rate
  readonly ttlMs: number
  readonly reason: string
  /** Name of the person. */
  readonly by: string
}

/** The decision made or removed, or why not, in words for that person. */
export type ManualResult =
  | { readonly ok: true; readonly decision: Decision }
  | { readonly ok: false; readonly rule?: RefusalRule; readonly detail: string }

/** Enforces what a person asked for. The same request again makes the same decision and renews its end. */
export async function addDecision(state: ResponderState, request: ManualDecision): Promise<ManualResult> {
  const named = decidableId(request.scope, request.value)
  if ('problem' in named) return { ok: false, detail: named.problem }
  const value = named.id
  const { ttlMaxMs, space, protectedSet } = state.settings
  if (!(request.ttlMs > 0 && request.ttlMs <= ttlMaxMs)) {
    return {
      ok: false,
      detail: `the length must be between 1ms and ${formatDuration(ttlMaxMs)}, not ${formatDuration(request.ttlMs)}`,
    }
  }
  return state.serial.run(async () => {
    const engaged = state.ports.killSwitch.engaged('global')
    if (engaged !== undefined) {
      return { ok: false, rule: 'kill_switch', detail: `the global kill switch is on: ${engaged}` }
    }
    const target = { kind: request.scope, id: value }
    const entry = protectedSet(target)
    if (entry !== undefined) {
      return { ok: false, rule: 'protected', detail: protectedDetail(target, entry) }
    }
    const decision = decisionOf(state, request, value, space)
    const problem = decisionProblem(decision)
    if (problem !== undefined) return { ok: false, detail: problem }
    const journal = journalEntry(state, {
      kind: 'result',
      key: decision.id,
      run: 'manual',
      step: 'manual',
      action: decision.type,
      target: { kind: decision.scope, id: value },
      until: decision.until,
      status: 'applied',
      detail: `by ${plainText(request.by, 80)}: ${decision.reason}`,
    })
    await commitChanges(state, { decisions: [decision], journal: [journal] })
    return { ok: true, decision }
  })
}

/** Takes a decision back; the machine leaves its entity alone, as far as its detector goes, for `exemptForMs`. */
export async function undoDecision(
  state: ResponderState,
  id: string,
  by: string,
  exemptForMs: number,
): Promise<ManualResult> {
  const decision = state.decisions.get(id)
  if (!decision) return { ok: false, detail: `there is no decision '${plainText(id, 80)}' in force` }
  const detector = await detectorOf(state, decision)
  const now = state.ports.clock.now()
  const name = plainText(by, 80)
  // What a person decided, no detector will decide again.
  const exemption =
    exemptForMs > 0 && decision.run !== undefined
      ? {
          entity: { kind: decision.scope, id: decision.value },
          ...(detector === undefined ? {} : { detector }),
          until: now + exemptForMs,
          by: `person:${name}`,
          reason: `took back decision ${id}`,
        }
      : undefined
  const outcome = await takeBack(state, decision, {
    kind: 'undo',
    detail: `taken back by ${name}`,
    ...(exemption ? { exemption } : {}),
  })
  if (outcome.status === 'applied') return { ok: true, decision }
  if (outcome.status === 'changed') return undoDecision(state, id, by, exemptForMs)
  const why = outcome.status === 'refused' ? outcome.reason : outcome.why
  return { ok: false, detail: `it could not be taken back (${outcome.status}): ${why}; try again` }
}

function decisionOf(state: ResponderState, request: ManualDecision, value: string, space: string): Decision {
  const { scope, type, rate, ttlMs } = request
  const now = state.ports.clock.now()
  const by = `person:${plainText(request.by, 80)}`
  const id = responseHash('manual', space, scope, value, type, canonicalJson(rate ?? null), by)
  return {
    id,
    scope,
    value,
    type,
    ...(rate && type === 'throttle' ? { rate } : {}),
    ...(type === 'revoke' && scope === 'principal' ? { issuedUntil: now } : {}),
    // The clock may have been set back since it was first made.
    from: Math.min(state.decisions.get(id)?.from ?? now, now),
    until: now + ttlMs,
    reason: plainText(request.reason, 512),
    by,
  }
}

async function detectorOf(state: ResponderState, decision: Decision): Promise<string | undefined> {
  const run = decision.run === undefined ? undefined : state.runs.get(decision.run)
  if (run) return run.finding.detector
  if (decision.finding === undefined) return undefined
  return (await state.ports.store.findings({ id: decision.finding }))[0]?.detector
}
