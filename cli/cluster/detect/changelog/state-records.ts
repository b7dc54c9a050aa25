import type { Finding } from '../../../../core/detector/finding.ts'
import { packsOf } from '../../../../core/engine/entity-pack.ts'
import type { EntityPack, EntityRecord } from '../../../../core/ports/state-store.ts'
import { findingCodec } from '../../../../storage/sqlite/record-codec.ts'
import { barrierKey, keys, logName, otherVersion, parsePackKey, readEntity } from './changelog-keys.ts'
import { KeptPacks } from './kept-packs.ts'
import { readTime, type TimeState } from './time-state.ts'

/** State as it was read from the changelog. */
export interface RestoredState {
  /** Log by log, for what one detector knows stays in the processor's caches for as long; those of one in their order. */
  readonly packs: Iterable<EntityPack>
  /** The messages that hold them. */
  readonly kept: KeptPacks
  readonly findings: readonly Finding[]
  readonly time: TimeState | undefined
}

/** Records of older versions that are packed together. */
const packRecords = 10_000

/** Collects the newest record of each key. */
export class StateRecords {
  readonly #values = new Map<string, Buffer>()

  take(key: string, value: Buffer | null): void {
    if (key === barrierKey) return
    if (value) this.#values.set(key, value)
    else this.#values.delete(key)
  }

  /** Throws for a record that this version does not know. */
  read(): RestoredState {
    const old = new Map<string, Keyed<EntityRecord>[]>()
    const logs = new Map<string, Keyed<Piece>[]>()
    const findings: Finding[] = []
    let time: TimeState | undefined
    for (const [key, value] of this.#values) {
      if (key.startsWith(keys.pack)) {
        const record = pieceOf(key, value)
        addTo(logs, logName(record), { key, record })
      } else if (key.startsWith(keys.finding)) findings.push(findingCodec.decode(value.toString('utf8'), key))
      else if (key.startsWith(keys.entity)) {
        const record = readEntity(key, value)
        addTo(old, logName({ ...record, part: partOf(record) }), { key, record })
      } else if (key === keys.time) time = readTime(key, value)
      else throw otherVersion(key)
    }
    const kept = new KeptPacks()
    const older = [...old.values()].flatMap(inPacks)
    for (const { number, records } of older)
      for (const { key, record } of records) kept.add({ ...record, part: partOf(record) }, number, key)
    for (const pieces of logs.values()) {
      pieces.sort(
        ({ record: left }, { record: right }) => left.number - right.number || left.piece - right.piece,
      )
      for (const { key, record } of pieces) kept.add(record, record.number, key)
    }
    return { packs: inOrder(older, [...logs.values()]), kept, findings, time }
  }
}

/** What the message of a key holds. */
interface Keyed<Content> {
  readonly key: string
  readonly record: Content
}

type Piece = EntityPack & { readonly piece: number }

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

function* inOrder(
  older: readonly OlderPack[],
  logs: readonly (readonly Keyed<Piece>[])[],
): Generator<EntityPack> {
  for (const { number, records } of older)
    yield* packsOf(
      records.map(({ record }) => record),
      number,
    )
  for (const log of logs) for (const { record } of log) yield record
}

function pieceOf(key: string, value: Buffer): Piece {
  // What a log begins with is not noted: packs before the oldest that counts are gone.
  return { ...parsePackKey(key), oldest: 0, bytes: value as EntityPack['bytes'] }
}

function partOf({ entity }: EntityRecord): EntityPack['part'] {
  return entity.startsWith('s') ? 'slice' : 'pane'
}
