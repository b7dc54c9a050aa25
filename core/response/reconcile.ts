import type { Decision } from '../decision/decision.ts'
import { decisionProblem } from '../decision/decision-problem.ts'
import { engagedSwitch } from './checks/kill-switch-check.ts'
import { protectedDetail } from './checks/protected-check.ts'
import type { ResponderState } from './responder-state.ts'
import type { RefusalRule } from './run.ts'
import { playbookOf, stepOf, type TakeBack, takeBackAll } from './take-back.ts'

const hourMs = 3_600_000

/**
 * Holds decisions against the world as it is now. One whose kill switch is on or whose entity is protected is taken
 * back, not suspended: when the switch is off again, fresh evidence must make a new one.
 */
export async function reconcileDecisions(state: ResponderState): Promise<void> {
  const now = state.ports.clock.now()
  const engaged = switchesNow(state)
  const endings = [...state.decisions.values()].flatMap((decision) => {
    const reason = state.released.get(decision) ?? reasonToEnd(state, decision, now, engaged)
    return reason ? [{ decision, reason }] : []
  })
  await takeBackAll(state, endings)
  await state.serial.run(async () => forget(state, now))
}

/**
 * Lets gateways go of what must not be enforced now, from memory alone; the record follows when it is taken back, even
 * if the reason has gone by then, or a gateway and the record would disagree.
 */
export function releaseForbidden(
  state: ResponderState,
  decisions: Iterable<Decision> = state.decisions.values(),
): void {
  const now = state.ports.clock.now()
  const engaged = switchesNow(state)
  for (const decision of decisions) {
    const reason = reasonToEnd(state, decision, now, engaged)
    if (reason?.kind !== 'undo') continue
    state.released.set(decision, reason)
    state.ports.decisions.remove(decision.id)
  }
}

type Switches = (action: string, playbook: string | undefined) => string | undefined

/** `engagedSwitch` at this moment, each asked once: a switch is a file, and decisions may be a hundred thousand. */
function switchesNow({ ports }: ResponderState): Switches {
  const known = new Map<string, string | undefined>()
  return (action, playbook) => {
    const name = `${action} ${playbook ?? ''}`
    if (!known.has(name)) known.set(name, engagedSwitch(ports.killSwitch, action, playbook))
    return known.get(name)
  }
}

/** Why a decision must not be in force now; `undefined` when it may. */
export function reasonToEnd(
  state: ResponderState,
  decision: Decision,
  now: number,
  switches = switchesNow(state),
): TakeBack | undefined {
  const action = stepOf(state, decision)?.action ?? actionByType[decision.type]
  const engaged = switches(action, playbookOf(decision))
  if (engaged !== undefined) return undo('kill_switch', engaged)
  const problem = ownProblem(state, decision)
  if (problem !== undefined) return problem
  return decision.until <= now ? { kind: 'expired', detail: 'its end has come' } : undefined
}

/** What is wrong with the decision itself: nothing of that changes while the protected set does not. */
function ownProblem({ settings, unprotected }: ResponderState, decision: Decision): TakeBack | undefined {
  const { protectedSet } = settings
  if (unprotected.get(decision) === protectedSet) return undefined
  const entity = { kind: decision.scope, id: decision.value }
  const entry = protectedSet(entity)
  if (entry !== undefined) return undo('protected', protectedDetail(entity, entry))
  const problem = decisionProblem(decision)
  if (problem !== undefined) return { kind: 'undo', detail: problem }
  unprotected.set(decision, protectedSet)
  return undefined
}

/** For decisions that a person made, which no step made. */
const actionByType = { throttle: 'throttle', deny: 'deny', revoke: 'revoke-token' } as const

function undo(rule: RefusalRule, detail: string): TakeBack {
  return { kind: 'undo', rule, detail }
}

/** Memory is bounded by what may still be joined, counted or exempt. */
async function forget(state: ResponderState, now: number): Promise<void> {
  state.ledger.prune(now, now - hourMs)
  state.exemptions = state.exemptions.filter(({ until }) => until > now)
  const oldest = now - state.settings.runsKeptMs
  for (const run of state.runs.values()) {
    const isQuiet = run.finding.last < oldest && run.steps.every(({ at }) => at < oldest)
    if (isQuiet && run.state === 'done') state.runs.delete(run.id)
  }
}
