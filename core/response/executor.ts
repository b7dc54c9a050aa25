import type { Decision } from '../decision/decision.ts'
import type { Finding } from '../detector/finding.ts'
import type { Restored } from '../ports/state-store.ts'
import { addDecision, type ManualDecision, type ManualResult, undoDecision } from './manual.ts'
import { nextStep } from './next-step.ts'
import { planFindings } from './plan-findings.ts'
import type { PlanProblem } from './planner.ts'
import { reconcileDecisions, releaseForbidden } from './reconcile.ts'
import {
  createResponderState,
  type ResponderState,
  type ResponsePorts,
  type ResponseSettings,
} from './responder-state.ts'
import { restoreResponder } from './resume.ts'
import type { Run } from './run.ts'
import { executeStep } from './step-execution.ts'

/**
 * Carries out playbooks: plans runs for findings, does their steps, keeps decisions within what is allowed, and
 * takes them back. Runs go on side by side, the steps of one run in order; every change of state is committed one
 * at a time, before memory and gateways follow. When the store fails it stops acting, and every call rejects.
 */
export class Executor {
  readonly #state: ResponderState
  readonly #driving = new Map<string, Promise<void>>()
  #failure: unknown

  constructor(ports: ResponsePorts, settings: ResponseSettings) {
    this.#state = createResponderState(ports, settings)
  }

  /**
   * Plans findings and executes their runs. `commit` must write the given runs in the same transaction as the
   * findings; nothing starts before it resolves, and if it rejects nothing has changed. It must not call the
   * executor. Returns `on` expressions that failed.
   */
  async accept(
    findings: readonly Finding[],
    commit: (runs: readonly Run[]) => Promise<void>,
  ): Promise<readonly PlanProblem[]> {
    this.#assertAlive()
    const { serial, runs } = this.#state
    return serial.run(async () => {
      const { planned, problems } = planFindings(this.#state, findings)
      await commit([...planned.values()])
      for (const run of planned.values()) runs.set(run.id, run)
      for (const id of planned.keys()) this.#drive(id)
      return problems
    })
  }

  /** Takes over from the process before: once, before anything else. */
  async resume(restored: Restored): Promise<void> {
    this.#assertAlive()
    const pending = await restoreResponder(this.#state, restored)
    await this.reconcile()
    for (const id of pending) this.#drive(id)
  }

  /**
   * Lets gateways go of decisions that are protected by now or whose kill switch is on. It needs no store: call it every
   * few seconds, also while a commit waits and after a failure.
   */
  release(): void {
    releaseForbidden(this.#state)
  }

  /** Ends decisions that expired, are protected by now, or whose kill switch is on. Call it every few seconds. */
  async reconcile(): Promise<void> {
    this.release()
    this.#assertAlive()
    await reconcileDecisions(this.#state)
  }

  /** Puts new playbooks, actions or limits in force; steps that already act finish under the old ones. */
  reload(settings: ResponseSettings): void {
    this.#state.settings = settings
  }

  /** A person takes a decision back; its entity is exempt from its detector for `exemptForMs`. */
  async undoDecision(id: string, by: string, exemptForMs: number): Promise<ManualResult> {
    this.#assertAlive()
    return undoDecision(this.#state, id, by, exemptForMs)
  }

  /** A person enforces something; protected entities and the global kill switch refuse it too. */
  async addDecision(request: ManualDecision): Promise<ManualResult> {
    this.#assertAlive()
    return addDecision(this.#state, request)
  }

  /** Decisions held now. */
  decisions(): readonly Decision[] {
    return [...this.#state.decisions.values()]
  }

  /** Runs that are kept to be joined. */
  runs(): readonly Run[] {
    return [...this.#state.runs.values()]
  }

  /** Resolves when no step is under way. Rejects with what stopped the executor. */
  async idle(): Promise<void> {
    while (this.#driving.size > 0) await Promise.all(this.#driving.values())
    this.#assertAlive()
  }

  /** Ends waits and begins nothing more; open intents are left to a successor. */
  async stop(): Promise<void> {
    this.#state.stopped.abort()
    while (this.#driving.size > 0) await Promise.all(this.#driving.values())
  }

  #assertAlive(): void {
    if (this.#failure === undefined) return
    const why = this.#failure instanceof Error ? this.#failure.message : String(this.#failure)
    throw new Error(`response has stopped, because its state could not be committed: ${why}`, {
      cause: this.#failure,
    })
  }

  #drive(id: string): void {
    if (this.#driving.has(id)) return
    const driving = this.#doSteps(id)
      .catch((error: unknown) => {
        this.#failure ??= error
        this.#state.stopped.abort()
      })
      .finally(() => {
        this.#driving.delete(id)
        // A finding may have joined after the last look and before this.
        if (!this.#state.stopped.signal.aborted && nextStep(this.#state, id)) this.#drive(id)
      })
    this.#driving.set(id, driving)
  }

  async #doSteps(id: string): Promise<void> {
    while (!this.#state.stopped.signal.aborted) {
      const next = nextStep(this.#state, id)
      if (!next) return
      await executeStep(this.#state, id, next.playbook, next.step)
    }
  }
}
