import type { Decision } from '../../core/decision/decision.ts'
import { DecisionTable } from '../../core/decision/decision-table.ts'
import { dryRunPlaybook, ttlMsMax } from './simulated-playbooks.ts'
import type { World } from './world.ts'

/** A person who pulls a switch waits this long at most until gateways have let go, milliseconds. */
const releasedWithinMs = 2500

/** The decisions that the gateways of one process obey, watched. */
export class SimulatedGateways {
  readonly table = new DecisionTable()
  readonly #world: World
  /** Virtual time since when a decision is forbidden without a pause, by id. */
  readonly #forbiddenSince = new Map<string, number>()

  constructor(world: World) {
    this.#world = world
  }

  list(): readonly Decision[] {
    return this.table.list()
  }

  apply(decision: Decision): void {
    const world = this.#world
    const { id, until, by, scope, value } = decision
    const stored = world.memory.decisions.get(id)
    if (stored === undefined || (JSON.parse(stored) as Decision).until !== until)
      world.violate(`decision ${id} reached gateways before it was durable`)
    const backMs = world.plan.clockJumps.reduce((sum, { byMs }) => sum + Math.max(0, -byMs), 0)
    if (until > world.now() + ttlMsMax + backMs)
      world.violate(`decision ${id} ends ${until - world.now()} ms from now, ${ttlMsMax} were allowed`)
    if (by === `playbook:${dryRunPlaybook}`) world.violate(`decision ${id} is of a playbook in dry run`)
    if (scope === 'ip' && value.startsWith('10.')) world.violate(`decision ${id} hits the protected ${value}`)
    this.table.apply(decision)
  }

  remove(id: string): boolean {
    return this.table.remove(id)
  }

  /** Looks at what gateways obey now; call it every second while the process lives. */
  watch(actionOf: (decision: Decision) => string | undefined): void {
    const world = this.#world
    const { now } = world.scheduler
    for (const decision of this.table.list()) {
      const { id, by } = decision
      const playbook = by.slice('playbook:'.length)
      const switched =
        world.engaged('global') ??
        world.engaged('connector', actionOf(decision) ?? '') ??
        world.engaged('playbook', playbook)
      const since = switched === undefined ? undefined : (this.#forbiddenSince.get(id) ?? now)
      if (since === undefined) this.#forbiddenSince.delete(id)
      else this.#forbiddenSince.set(id, since)
      if (since !== undefined && now - since > releasedWithinMs)
        world.violate(`decision ${id} is obeyed ${now - since} ms after a kill switch forbade it`)
      this.#lookUp(decision)
    }
  }

  /** No request may be refused by a decision whose end has come. */
  #lookUp({ scope, value }: Decision): void {
    if (scope !== 'ip' && scope !== 'principal') return
    const now = this.#world.now()
    const verdict = this.table.lookup({ [scope]: value }, now)
    if (verdict.type !== 'allow' && verdict.decision.until <= now)
      this.#world.violate(
        `decision ${verdict.decision.id} binds ${now - verdict.decision.until} ms after its end`,
      )
  }
}
