import type { Message } from 'kafkajs'
import { type RestoredState, StateRecords } from '../../cli/cluster/detect/changelog/state-records.ts'
import type { PackTarget } from '../../cli/cluster/detect/changelog/streamed-packs.ts'
import { unpack } from '../../core/engine/entity-pack.ts'
import type { EntityPack } from '../../core/ports/state-store.ts'
import type { Random } from '../scenarios/random.ts'
import { CollectedPacks } from './collected-packs.ts'

interface Entry {
  readonly offset: number
  readonly key: string
  readonly value: Buffer | null
}

/** One partition of a compacted topic, as a broker may keep it. */
export class ChangelogLog {
  #entries: Entry[] = []
  #end = 0

  append(messages: readonly Message[]): void {
    for (const { key, value } of messages)
      this.#add(String(key), typeof value === 'string' ? Buffer.from(value) : value)
  }

  /** Keeps the newest of each key up to somewhere, and mostly no tombstones there. */
  compact(random: Random): void {
    this.#compact(random, random.chance(0.4))
  }

  /** As `detect` reads it, while the broker cleans it now and then: tombstones stay for longer than that takes. */
  restore(target: PackTarget, random: Random): Omit<RestoredState, 'packs'> {
    const records = new StateRecords(target)
    for (let next = 0; next < this.#end; ) {
      if (random.chance(0.03)) this.#compact(random, true)
      const entry = this.#entries.find(({ offset }) => offset >= next)
      if (entry) records.take(entry.key, entry.value)
      next = entry ? entry.offset + 1 : this.#end
    }
    const { packs, ...restored } = records.read()
    for (const pack of packs) target.restore(pack)
    return restored
  }

  /** The packs that are there in the end, those of a log in their order. */
  packs(): EntityPack[] {
    const [collected, newest] = [new CollectedPacks(), this.#newest(this.#entries)]
    const records = new StateRecords(collected)
    for (const { key, value } of newest.values()) records.take(key, value)
    const { packs } = records.read()
    // It is stable: pieces of a pack stay as they are.
    return [...packs, ...collected].sort((left, right) => left.number - right.number)
  }

  /** Deletes what is known of the entities, as `picket detectors forget` does. */
  forget(): void {
    const keys = [...this.#newest(this.#entries).values()].filter(({ value }) => value)
    for (const { key } of keys) if (isOfEntities(key)) this.#add(key, null)
  }

  /** As a version before packs wrote it: a message for each record. */
  becomeOlder(): void {
    const entities = new Map<string, Buffer>()
    for (const { detector, version, entity, bytes } of unpack(this.packs())) {
      const key = `entity ${detector} ${version} ${entity}`
      if (bytes) entities.set(key, Buffer.from(bytes))
      else entities.delete(key)
    }
    const rest = this.#entries.filter(({ key }) => !isOfEntities(key))
    this.#entries = []
    for (const [key, value] of entities) this.#add(key, value)
    for (const { key, value } of rest) this.#add(key, value)
  }

  #add(key: string, value: Buffer | null): void {
    this.#entries.push({ offset: this.#end++, key, value })
  }

  #compact(random: Random, withTombstones: boolean): void {
    const dirty = random.int(0, this.#entries.length)
    const head = this.#entries.slice(0, dirty)
    const newest = this.#newest(head)
    const kept = head.filter(
      (entry) => newest.get(entry.key) === entry && (withTombstones || entry.value !== null),
    )
    this.#entries = [...kept, ...this.#entries.slice(dirty)]
  }

  #newest(entries: readonly Entry[]): Map<string, Entry> {
    const newest = new Map<string, Entry>()
    for (const entry of entries) {
      newest.delete(entry.key)
      newest.set(entry.key, entry)
    }
    return newest
  }
}

function isOfEntities(key: string): boolean {
  return /^(?:pack|entity) /.test(key)
}
