import { logName, type PackLog } from './changelog-keys.ts'

/** Messages of the changelog that hold packs, so that they can be deleted once nothing in these counts. */
export class KeptPacks {
  /** By log and number, oldest first. */
  readonly #logs = new Map<string, Map<number, string[]>>()

  /** How many messages, by detector with its version, also of those that are configured no more. */
  get held(): Record<string, number> {
    const held: Record<string, number> = {}
    for (const [name, packs] of this.#logs) {
      const detector = name.slice(0, name.lastIndexOf(' '))
      for (const keys of packs.values()) held[detector] = (held[detector] ?? 0) + keys.length
    }
    return held
  }

  /** A message of this key holds a part of a pack. The packs of a log come in their order. */
  add(log: PackLog, number: number, key: string): void {
    const name = logName(log)
    const packs = this.#logs.get(name) ?? new Map<number, string[]>()
    this.#logs.set(name, packs)
    const known = packs.get(number)
    if (known) known.push(key)
    else packs.set(number, [key])
  }

  /**
   * Forgets packs of a log before `oldest`, the oldest first, and gives the keys of their messages: no more than `keysMax`, for
   * state of older versions has one for each record. A later call gives the others.
   */
  forget(log: PackLog, oldest: number, keysMax: number): string[] {
    const packs = this.#logs.get(logName(log)) ?? new Map<number, string[]>()
    const gone: string[] = []
    for (const [number, keys] of packs) {
      if (number >= oldest || gone.length === keysMax) break
      gone.push(...keys.splice(0, keysMax - gone.length))
      if (keys.length === 0) packs.delete(number)
    }
    return gone
  }
}
