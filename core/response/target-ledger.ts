/** Which targets a playbook enforced on, and those that it would have in a dry run. */
interface Entry {
  readonly at: number
  readonly until: number
  readonly simulated: boolean
}

/**
 * What the budgets count, in memory; rebuilt from the runs at a restart. A target is held from its intent on, so
 * that two steps in flight can't both take the last place.
 */
export class TargetLedger {
  readonly #playbooks = new Map<string, Map<string, Entry>>()

  /**
   * Counts a target (an entity key) from `at` for an hour, and as enforced on until `until`. Returns what puts the
   * entry before back, for an enforcement that did not come about.
   */
  hold(playbook: string, target: string, entry: Entry): () => void {
    const targets = this.#playbooks.get(playbook) ?? new Map<string, Entry>()
    const before = targets.get(target)
    // A dry run of a second step doesn't make the first step's enforcement a simulation.
    const simulated = entry.simulated && (before?.simulated ?? true)
    const held = { at: entry.at, until: Math.max(entry.until, before?.until ?? 0), simulated }
    targets.set(target, held)
    this.#playbooks.set(playbook, targets)
    return () => {
      // Somebody else may have held the target since; then it is theirs to give back.
      if (targets.get(target) !== held) return
      if (before) targets.set(target, before)
      else targets.delete(target)
    }
  }

  /** The target is no longer enforced on; it stays counted in its hour. */
  end(playbook: string, target: string, at: number): void {
    const entry = this.#playbooks.get(playbook)?.get(target)
    if (entry) this.#playbooks.get(playbook)?.set(target, { ...entry, until: Math.min(entry.until, at) })
  }

  /** Targets of one playbook since a time; simulated ones only for those who simulate. */
  targetsSince(playbook: string, since: number, simulated: boolean): ReadonlySet<string> {
    const targets = new Set<string>()
    for (const [target, entry] of this.#playbooks.get(playbook) ?? []) {
      if (entry.at > since && (simulated || !entry.simulated)) targets.add(target)
    }
    return targets
  }

  /** Targets of all playbooks under enforcement at a time: together they are what the API's clients feel. */
  targetsInForce(now: number, simulated: boolean): ReadonlySet<string> {
    const targets = new Set<string>()
    for (const entries of this.#playbooks.values()) {
      for (const [target, entry] of entries) {
        if (entry.until > now && (simulated || !entry.simulated)) targets.add(target)
      }
    }
    return targets
  }

  /** Drops what no budget counts any more. */
  prune(now: number, since: number): void {
    for (const targets of this.#playbooks.values()) {
      for (const [target, entry] of targets)
        if (entry.at <= since && entry.until <= now) targets.delete(target)
    }
  }
}
