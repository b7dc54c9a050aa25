import type { Message } from 'kafkajs'
import { StateRecords } from '../../cli/cluster/detect/changelog/state-records.ts'
import { unpack } from '../../core/engine/entity-pack.ts'
import type { Random } from '../scenarios/random.ts'

interface Entry {
  readonly key: string
  readonly value: Buffer | null
}

/** One partition of a compacted topic, as a broker may keep it. */
export class ChangelogLog {
  #entries: Entry[] = []

  append(messages: readonly Message[]): void {
    for (const { key, value } of messages)
      this.#entries.push({ key: String(key), value: value === null ? null : Buffer.from(value) })
  }

  /** Keeps the newest of each key up to somewhere, and mostly no tombstones there. */
  compact(random: Random): void {
    const dirty = random.int(0, this.#entries.length)
    const head = this.#entries.slice(0, dirty)
    const newest = new Map(head.map((entry) => [entry.key, entry]))
    const withTombstones = random.chance(0.4)
    const kept = head.filter(
      (entry) => newest.get(entry.key) === entry && (withTombstones || entry.value !== null),
    )
    this.#entries = [...kept, ...this.#entries.slice(dirty)]
  }

  read() {
    const records = new StateRecords()
    for (const { key, value } of this.#entries) records.take(key, value)
    return records.read()
  }

  /** As a version before packs wrote it: a message for each record. */
  becomeOlder(): void {
    const entities = new Map<string, Entry>()
    for (const { detector, version, entity, bytes } of unpack(this.read().packs)) {
      const key = `entity ${detector} ${version} ${entity}`
      if (bytes) entities.set(key, { key, value: Buffer.from(bytes) })
      else entities.delete(key)
    }
    const rest = this.#entries.filter(({ key }) => !/^(?:pack|entity) /.test(key))
    this.#entries = [...entities.values(), ...rest]
  }
}
