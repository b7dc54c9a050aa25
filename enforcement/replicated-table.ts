import type { Decision } from '../core/decision/decision.ts'
import { DecisionTable } from '../core/decision/decision-table.ts'

/** One step by which a replica follows the table; plain data, so that it can cross to another thread. */
export type TableChange =
  | { readonly kind: 'apply'; readonly decision: Decision }
  | { readonly kind: 'remove'; readonly id: string }
  | { readonly kind: 'replace'; readonly decisions: readonly Decision[] }

/**
 * The decisions in force, with replicas that are told of each change in order before the call returns. It answers no
 * request itself: a throttle's tokens are where requests are answered.
 */
export class ReplicatedTable {
  readonly #table = new DecisionTable()
  readonly #followers = new Set<(change: TableChange) => void>()

  list(): Decision[] {
    return this.#table.list()
  }

  /** As `DecisionTable.apply`; what can't be enforced throws `RangeError` and reaches no replica. */
  apply(decision: Decision): void {
    this.#table.apply(decision)
    this.#tell({ kind: 'apply', decision })
  }

  /** Ends a decision at once; false when there was none. */
  remove(id: string): boolean {
    const held = this.#table.remove(id)
    if (held) this.#tell({ kind: 'remove', id })
    return held
  }

  /** Begins with the whole table as it is, then each change. Returns what ends it. */
  follow(follower: (change: TableChange) => void): () => void {
    follower({ kind: 'replace', decisions: this.list() })
    this.#followers.add(follower)
    return () => this.#followers.delete(follower)
  }

  #tell(change: TableChange): void {
    for (const follower of this.#followers) follower(change)
  }
}

/** Lets a replica take the step. Throws what `DecisionTable` throws for a decision that can't be enforced. */
export function applyChange(replica: DecisionTable, change: TableChange): void {
  if (change.kind === 'apply') replica.apply(change.decision)
  else if (change.kind === 'remove') replica.remove(change.id)
  else replica.replaceAll(change.decisions)
}
