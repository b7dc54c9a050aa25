import type { Finding } from '../../../../core/detector/finding.ts'
import { packsOf } from '../../../../core/engine/entity-pack.ts'
import type { EntityPack, EntityRecord } from '../../../../core/ports/state-store.ts'
import { findingCodec } from '../../../../storage/sqlite/record-codec.ts'
import { barrierKey, keys, otherVersion, type PackPlace, parsePackKey, readEntity } from './changelog-keys.ts'
import { KeptPacks } from './kept-packs.ts'
import { readTime, type TimeState } from './time-state.ts'

/** State as it was read from the changelog. */
export interface RestoredState {
  /** Those of a log in their order. */
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
    const old = new Map<string, Keyed[]>()
    const packs: { readonly key: string; readonly pack: EntityPack; readonly piece: number }[] = []
    const findings: Finding[] = []
    let time: TimeState | undefined
    for (const [key, value] of this.#values) {
      if (key.startsWith(keys.pack)) packs.push({ key, ...packOf(parsePackKey(key), value) })
      else if (key.startsWith(keys.finding)) findings.push(findingCodec.decode(value.toString('utf8'), key))
      else if (key.startsWith(keys.entity)) addTo(old, { key, record: readEntity(key, value) })
      else if (key === keys.time) time = readTime(key, value)
      else throw otherVersion(key)
    }
    packs.sort((left, right) => left.pack.number - right.pack.number || left.piece - right.piece)
    const kept = new KeptPacks()
    const older = [...old.values()].flatMap(inPacks)
    for (const { number, records } of older)
      for (const { key, record } of records) kept.add({ ...record, part: partOf(record) }, number, key)
    for (const { key, pack } of packs) kept.add(pack, pack.number, key)
    return { packs: inOrder(older, packs), kept, findings, time }
  }
}

/** A record of an older version, which has a message of its own. */
interface Keyed {
  readonly key: string
  readonly record: EntityRecord
}

/** Those that become one pack. */
interface OlderPack {
  readonly number: number
  readonly records: readonly Keyed[]
}

function addTo(logs: Map<string, Keyed[]>, one: Keyed): void {
  const { detector, version } = one.record
  const name = `${detector} ${version} ${partOf(one.record)}`
  const log = logs.get(name)
  if (log) log.push(one)
  else logs.set(name, [one])
}

/** They come before all that has a number in its log; not as one pack, for packs are written anew as a whole. */
function inPacks(log: readonly Keyed[]): OlderPack[] {
  return Array.from({ length: Math.ceil(log.length / packRecords) }, (_, at) => ({
    number: at + 1,
    records: log.slice(at * packRecords, (at + 1) * packRecords),
  }))
}

function* inOrder(
  older: readonly OlderPack[],
  packs: readonly { readonly pack: EntityPack }[],
): Generator<EntityPack> {
  for (const { number, records } of older)
    yield* packsOf(
      records.map(({ record }) => record),
      number,
    )
  for (const { pack } of packs) yield pack
}

function packOf({ piece, ...place }: PackPlace, value: Buffer): { pack: EntityPack; piece: number } {
  // What a log begins with is not noted: packs before the oldest that counts are gone.
  return { pack: { ...place, oldest: 0, bytes: value as EntityPack['bytes'] }, piece }
}

function partOf({ entity }: EntityRecord): EntityPack['part'] {
  return entity.startsWith('s') ? 'slice' : 'pane'
}
