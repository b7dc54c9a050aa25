import type { Finding } from '../detector/finding.ts'
import type { Action } from './action.ts'
import type { Playbook } from './playbook.ts'
import type { Run, StepState } from './run.ts'
import { runId } from './run-id.ts'

/** Steps without a `ttl` are tried again after fresh evidence of this length. */
const retryAfterMs = 15 * 60_000

export interface PlanInput {
  readonly finding: Finding
  readonly playbooks: Iterable<Playbook>
  readonly actions: ReadonlyMap<string, Action>
  /** A run that exists already, by id. */
  readonly run: (id: string) => Run | undefined
  /** By the response clock, epoch milliseconds. */
  readonly now: number
}

/** An `on` expression that failed: the playbook did not take the finding, and somebody must know. */
export interface PlanProblem {
  readonly playbook: string
  readonly finding: string
  readonly message: string
}

/** Runs to commit together with the finding, and only then to execute. */
export interface Plan {
  readonly started: readonly Run[]
  readonly joined: readonly Run[]
  readonly problems: readonly PlanProblem[]
}

/** Which playbooks take a finding. Pure; planning the same finding twice changes nothing the second time. */
export function planFinding(input: PlanInput): Plan {
  const started: Run[] = []
  const joined: Run[] = []
  const problems: PlanProblem[] = []
  for (const playbook of input.playbooks) {
    try {
      if (!takes(playbook, input.finding)) continue
    } catch (error) {
      const message = `on: ${error instanceof Error ? error.message : String(error)}`
      problems.push({ playbook: playbook.id, finding: input.finding.id, message })
      continue
    }
    const existing = input.run(runId(input.finding, playbook.id))
    if (!existing) started.push(startRun(input, playbook))
    else if (isNews(existing.finding, input.finding)) joined.push(joinRun(input, playbook, existing))
  }
  return { started, joined, problems }
}

/** The run under the playbook that is in force now: its digest, mode and steps; equal steps keep their state. */
export function rebaseRun(run: Run, playbook: Playbook, now: number): Run {
  if (run.digest === playbook.digest && run.mode === playbook.mode) return run
  const steps = playbook.steps.map((step) => {
    const old = run.steps.find((state) => state.step === step.id && state.action === step.action)
    return old ?? pendingStep(step.id, step.action, now)
  })
  return withSteps({ ...run, digest: playbook.digest, mode: playbook.mode }, steps)
}

/** A run is done when no step waits for anything. */
export function withSteps(run: Run, steps: readonly StepState[]): Run {
  return { ...run, steps, state: steps.some(({ status }) => status === 'pending') ? 'pending' : 'done' }
}

function takes(playbook: Playbook, finding: Finding): boolean {
  if (playbook.accepts === 'final' && finding.state === 'provisional') return false
  return playbook.on.evaluate({ finding, steps: {} })
}

/** A finding tells a run something new when it is final at last, or has later evidence. */
function isNews(known: Finding, finding: Finding): boolean {
  if (known.state !== finding.state) {
    return finding.state === 'final' || (finding.id !== known.id && finding.last > known.last)
  }
  return finding.last > known.last
}

function startRun({ finding, now }: PlanInput, playbook: Playbook): Run {
  const { id, digest, mode } = playbook
  const steps = playbook.steps.map((step) => pendingStep(step.id, step.action, now))
  const run: Run = {
    id: runId(finding, id),
    space: finding.space,
    lane: finding.lane,
    playbook: id,
    digest,
    mode,
    finding,
    state: 'pending',
    steps,
    started: now,
  }
  return withSteps(run, steps)
}

function pendingStep(step: string, action: string, at: number): StepState {
  return { step, action, status: 'pending', at }
}

function joinRun(input: PlanInput, playbook: Playbook, existing: Run): Run {
  const run = rebaseRun(existing, playbook, input.now)
  const steps = run.steps.map((state) => {
    const step = playbook.steps.find(({ id }) => id === state.step)
    const action = input.actions.get(state.action)
    if (!step || !action || !isDue(state, action, step.ttlMs, run.finding, input.finding)) return state
    return { ...state, status: 'pending' as const }
  })
  return withSteps({ ...run, finding: input.finding }, steps)
}

/**
 * Must a step that ended be done once more for this finding? Enforcements are renewed and refusals asked again by
 * the next finding of the chain, or by evidence of the same one half a `ttl` later. What was sent is not sent again.
 */
function isDue(
  state: StepState,
  action: Action,
  ttlMs: number | undefined,
  known: Finding,
  finding: Finding,
): boolean {
  const { status } = state
  if (status === 'pending' || (finding.state === 'provisional' && !action.acceptsProvisional)) return false
  if (status === 'skipped') return true
  if (!action.enforces && (status === 'applied' || status === 'dry_run')) return false
  if (status === 'unknown' && action.effect !== 'keyed') return false
  return finding.id !== known.id || finding.last > state.at + (ttlMs ?? retryAfterMs) / 2
}
