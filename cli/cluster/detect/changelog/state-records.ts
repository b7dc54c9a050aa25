import type { Finding } from '../../../../core/detector/finding.ts'
import { packsOf } from '../../../../core/engine/entity-pack.ts'
import type { EntityPack, EntityRecord } from '../../../../core/ports/state-store.ts'
import { findingCodec } from '../../../../storage/sqlite/record-codec.ts'
import {
  barrierKey,
  inTheirOrder,
  keys,
  logName,
  otherVersion,
  type PackPlace,
  packOf,
  parsePackKey,
  readEntity,
} from './changelog-keys.ts'
import { KeptPacks } from './kept-packs.ts'
import { type PackTarget, StreamedPacks } from './streamed-packs.ts'
import { readTime, type TimeState } from './time-state.ts'

/** State as it was read from the changelog, besides the packs that were restored meanwhile. */
export interface RestoredState {
  /** Those that are to be restored yet: of logs that an older version began. */
  readonly packs: Iterable<EntityPack>
  /** The messages that hold packs. */
  readonly kept: KeptPacks
  readonly findings: readonly Finding[]
  readonly time: TimeState | undefined
}

/** Records of older versions that are packed together. */
const packRecords = 10_000

/** Finds the newest record of each key, and restores packs as they come. */
export class StateRecords {
  readonly #values = new Map<string, Buffer>()
  readonly #streamed: StreamedPacks
  /** Logs that an older version began. What it wrote comes before all packs, so these are collected as well. */
  readonly #older = new Set<string>()

  constructor(target: PackTarget) {
    this.#streamed = new StreamedPacks(target)
  }

  /** Returns whether a pack was restored, which takes a while. Throws for one that this version does not know. */
  take(key: string, value: Buffer | null): boolean {
    if (key === barrierKey) return false
    this.#streamed.withdraw(key)
    this.#values.delete(key)
    if (!value) return false
    if (key.startsWith(keys.pack)) {
      const place = parsePackKey(key)
      if (!this.#older.has(logName(place))) {
        this.#streamed.take(key, place, value)
        return true
      }
    } else if (key.startsWith(keys.entity)) this.#beginOlder(key, value)
    this.#values.set(key, value)
    return false
  }

  /** What was collected. Throws for a record that this version does not know. */
  read(): RestoredState {
    const old = new Map<string, Keyed<EntityRecord>[]>()
    const logs = new Map<string, Keyed<PackPlace>[]>()
    const findings: Finding[] = []
    let time: TimeState | undefined
    for (const [key, value] of this.#values) {
      if (key.startsWith(keys.pack)) {
        const record = parsePackKey(key)
        addTo(logs, logName(record), { key, record })
      } else if (key.startsWith(keys.finding)) findings.push(findingCodec.decode(value.toString('utf8'), key))
      else if (key.startsWith(keys.entity)) {
        const record = readEntity(key, value)
        addTo(old, olderLog(record), { key, record })
      } else if (key === keys.time) time = readTime(key, value)
      else throw otherVersion(key)
    }
    const older = [...old.values()].flatMap(inPacks)
    const newer = [...logs.values()].flatMap((log) =>
      log.sort(({ record: left }, { record: right }) => inTheirOrder(left, right)),
    )
    return { packs: this.#collected(older, newer), kept: this.#kept(older, newer), findings, time }
  }

  #beginOlder(key: string, value: Buffer): void {
    const log = olderLog(readEntity(key, value))
    if (this.#older.has(log)) return
    // No version writes it behind those, and it can't be put before them any more.
    if (this.#streamed.hasOf(log)) throw otherVersion(key)
    this.#older.add(log)
  }

  #kept(older: readonly OlderPack[], newer: readonly Keyed<PackPlace>[]): KeptPacks {
    const kept = new KeptPacks()
    for (const { number, records } of older)
      for (const { key, record } of records) kept.add({ ...record, part: partOf(record) }, number, key)
    for (const { key, record } of newer) kept.add(record, record.number, key)
    this.#streamed.addTo(kept)
    return kept
  }

  *#collected(older: readonly OlderPack[], newer: readonly Keyed<PackPlace>[]): Generator<EntityPack> {
    for (const { number, records } of older)
      yield* packsOf(
        records.map(({ record }) => record),
        number,
      )
    for (const { key, record } of newer) yield packOf(record, this.#values.get(key) as Buffer)
  }
}

/** What the message of a key holds. */
interface Keyed<Content> {
  readonly key: string
  readonly record: Content
}

/** Those that become one pack. */
interface OlderPack {
  readonly number: number
  readonly records: readonly Keyed<EntityRecord>[]
}

function addTo<Content>(logs: Map<string, Keyed<Content>[]>, name: string, one: Keyed<Content>): void {
  const log = logs.get(name)
  if (log) log.push(one)
  else logs.set(name, [one])
}

/** They come before all that has a number in its log; not as one pack, for packs are written anew as a whole. */
function inPacks(log: readonly Keyed<EntityRecord>[]): OlderPack[] {
  return Array.from({ length: Math.ceil(log.length / packRecords) }, (_, at) => ({
    number: at + 1,
    records: log.slice(at * packRecords, (at + 1) * packRecords),
  }))
}

function olderLog(record: EntityRecord): string {
  return logName({ ...record, part: partOf(record) })
}

function partOf({ entity }: EntityRecord): EntityPack['part'] {
  return entity.startsWith('s') ? 'slice' : 'pane'
}
