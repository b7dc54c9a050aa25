import type { Decision } from '../../../core/decision/decision.ts'
import type { KillSwitch } from '../../../core/ports/kill-switch.ts'
import type { ReplicatedTable } from '../../../enforcement/replicated-table.ts'
import type { PartitionBatch, PartitionWork } from '../../../storage/kafka/partition-work.ts'
import { barrierKey, readDecision } from '../../../storage/kafka/response-records.ts'

export interface FollowedOptions {
  readonly topic: string
  /** Offsets of the topic when reading begins. */
  readonly from: number
  readonly until: number
  readonly table: ReplicatedTable
  /** Of this machine: it works when the responder and Kafka are down. */
  readonly killSwitch: KillSwitch
  readonly onProblem: (problem: string) => void
}

/** Ticks between two looks at the kill switch, about a second. */
const ticksPerLook = 50

/** The decision table as the topic tells it, held in memory. */
export class FollowedDecisions implements PartitionWork {
  /** Resolves once everything is in the table that was decided when reading began. */
  readonly isCurrent: Promise<void>
  readonly #options: FollowedOptions
  #next: number
  #ticks = 0
  #isReached: () => void = () => {}
  /** What the kill switch let go: only a new decision may bind again. */
  readonly #released = new Map<string, Decision>()

  constructor(options: FollowedOptions) {
    this.#options = options
    this.#next = options.from
    this.isCurrent = new Promise((resolve) => {
      this.#isReached = resolve
    })
    if (options.from >= options.until) this.#isReached()
  }

  get reading(): ReadonlyMap<string, number> {
    return new Map([[this.#options.topic, this.#next]])
  }

  async take({ messages, next }: PartitionBatch): Promise<void> {
    for (const { key, value } of messages) {
      const id = String(key)
      if (id !== barrierKey) this.#follow(id, value)
    }
    this.#next = next
    if (next >= this.#options.until) this.#isReached()
  }

  tick(): void {
    if (this.#ticks++ % ticksPerLook > 0) return
    const { table, killSwitch } = this.#options
    if (killSwitch.engaged('global') === undefined) return
    for (const decision of table.list()) {
      table.remove(decision.id)
      this.#released.set(decision.id, decision)
    }
  }

  async close(): Promise<void> {}

  #follow(id: string, value: Buffer | null): void {
    const { table, onProblem } = this.#options
    try {
      const decision = readDecision(id, value)
      const isReleased = decision !== undefined && this.#released.get(id)?.until === decision.until
      if (!decision) {
        table.remove(id)
        this.#released.delete(id)
      } else if (!isReleased) table.apply(decision)
    } catch (error) {
      // One bad record must not lift the whole protection.
      onProblem(`decision ${id} can't be enforced: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
}
