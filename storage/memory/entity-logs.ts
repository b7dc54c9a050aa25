import type { EntityPack } from '../../core/ports/state-store.ts'

/** Packs of entities in memory, as a store keeps them. */
export class EntityLogs {
  readonly #logs = new Map<string, Map<number, EntityPack>>()

  apply(packs: readonly EntityPack[]): void {
    for (const pack of packs) {
      const { detector, version, part, number, oldest } = pack
      const key = `${detector}\0${version}\0${part}`
      const log = this.#logs.get(key) ?? new Map<number, EntityPack>()
      this.#logs.set(key, log)
      // A copy, as a file would be.
      log.set(number, { ...pack, bytes: pack.bytes.slice() })
      for (const known of log.keys()) if (known < oldest) log.delete(known)
    }
  }

  /** What counts of each log, in the order of the numbers. */
  all(): EntityPack[] {
    return [...this.#logs.values()].flatMap((log) =>
      [...log.values()]
        .sort((left, right) => left.number - right.number)
        .map((pack) => ({ ...pack, bytes: pack.bytes.slice() })),
    )
  }
}
