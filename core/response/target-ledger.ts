/** Which targets a playbook enforced on, and those that it would have in a dry run. */
interface Entry {
  readonly at: number
  readonly until: number
  readonly simulated: boolean
}

/** What is known of a target. */
interface Target {
  /** What came about, all together. */
  counted: Entry | undefined
  /** What is under way. */
  readonly held: Set<Entry>
}

/** A target's place while its enforcement is under way; one of the two ends it. */
export interface Hold {
  /** The enforcement came about. */
  keep(): void
  /** It did not: others that hold or held the target keep their places. */
  release(): void
}

/**
 * What the budgets count, in memory; rebuilt from the runs at a restart. A target is held from its intent on, so
 * that two steps in flight can't both take the last place.
 */
export class TargetLedger {
  readonly #playbooks = new Map<string, Map<string, Target>>()

  /** Counts a target (an entity key) from `at` for an hour, and as enforced on until `until`. */
  count(playbook: string, target: string, entry: Entry): void {
    const known = this.#targetOf(playbook, target)
    const before = known.counted
    // A dry run of a second step doesn't make the first step's enforcement a simulation.
    const simulated = entry.simulated && (before?.simulated ?? true)
    known.counted = { at: entry.at, until: Math.max(entry.until, before?.until ?? 0), simulated }
  }

  /** The same while it is not known yet whether it comes about. */
  hold(playbook: string, target: string, entry: Entry): Hold {
    const { held } = this.#targetOf(playbook, target)
    // Told apart by identity, whoever else was given the same entry.
    const own = { ...entry }
    held.add(own)
    return {
      keep: () => {
        if (held.delete(own)) this.count(playbook, target, own)
      },
      release: () => void held.delete(own),
    }
  }

  /** The target is no longer enforced on; it stays counted in its hour. */
  end(playbook: string, target: string, at: number): void {
    const known = this.#playbooks.get(playbook)?.get(target)
    if (known?.counted) known.counted = { ...known.counted, until: Math.min(known.counted.until, at) }
  }

  /** Targets of one playbook since a time; simulated ones only for those who simulate. */
  targetsSince(playbook: string, since: number, simulated: boolean): ReadonlySet<string> {
    const targets = new Set<string>()
    for (const [target, known] of this.#playbooks.get(playbook) ?? []) {
      if (some(known, (entry) => entry.at > since && (simulated || !entry.simulated))) targets.add(target)
    }
    return targets
  }

  /** Targets of all playbooks under enforcement at a time: together they are what the API's clients feel. */
  targetsInForce(now: number, simulated: boolean): ReadonlySet<string> {
    const targets = new Set<string>()
    for (const known of this.#playbooks.values()) {
      for (const [target, one] of known) {
        if (some(one, ({ until, simulated: isSimulated }) => until > now && (simulated || !isSimulated)))
          targets.add(target)
      }
    }
    return targets
  }

  /** Drops what no budget counts any more. */
  prune(now: number, since: number): void {
    for (const targets of this.#playbooks.values()) {
      for (const [target, { counted, held }] of targets) {
        const isOver = counted === undefined || (counted.at <= since && counted.until <= now)
        if (isOver && held.size === 0) targets.delete(target)
      }
    }
  }

  #targetOf(playbook: string, target: string): Target {
    const targets = this.#playbooks.get(playbook) ?? new Map<string, Target>()
    this.#playbooks.set(playbook, targets)
    const known = targets.get(target) ?? { counted: undefined, held: new Set() }
    targets.set(target, known)
    return known
  }
}

function some({ counted, held }: Target, is: (entry: Entry) => boolean): boolean {
  if (counted !== undefined && is(counted)) return true
  for (const entry of held) if (is(entry)) return true
  return false
}
