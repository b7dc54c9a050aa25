import type { Message } from 'kafkajs'
import type { Finding } from '../../../core/detector/finding.ts'
import { packsOf, unpack } from '../../../core/engine/entity-pack.ts'
import type { EntityPack, EntityRecord } from '../../../core/ports/state-store.ts'
import { findingCodec } from '../../../storage/sqlite/record-codec.ts'

/** Records of the state topic: the newest of each key is the state, one without a value is none. */
export interface StateChanges {
  readonly packs: readonly EntityPack[]
  /** Findings that may still change. */
  readonly findings: readonly Finding[]
  /** Ids of those that no longer do. */
  readonly closed: readonly string[]
  readonly time: TimeState
}

/** Up to where was sealed, the snapshot of the sources' times, and up to where observations are in the state. */
export interface TimeState {
  readonly watermark: number
  readonly sources: string
  /** Offset to read on from: the group's own is forgotten when nobody reads for a week, and nothing may be merged twice. */
  readonly next: number
}

const keys = { time: 'time', finding: 'finding ', entity: 'entity ' } as const

/** Ends what was committed before: whoever reads it has read all of that. */
export const barrierKey = 'barrier'

export function stateMessages(changes: StateChanges, partition: number): Message[] {
  const { watermark, ...rest } = changes.time
  const text = (key: string, value: string | null): Message => ({ key, value, partition })
  return [
    ...Array.from(unpack(changes.packs), ({ detector, version, entity, bytes }) => ({
      key: `${keys.entity}${detector} ${version} ${entity}`,
      value: bytes ? Buffer.from(bytes) : null,
      partition,
    })),
    ...changes.findings.map((finding) =>
      text(keys.finding + finding.id, findingCodec.encode(finding, finding.id)),
    ),
    ...changes.closed.map((id) => text(keys.finding + id, null)),
    text(keys.time, JSON.stringify({ watermark: String(watermark), ...rest })),
  ]
}

/** State as it was read from the changelog, in any order of keys. */
export interface RestoredState {
  readonly packs: Iterable<EntityPack>
  /** How many there are in packs. */
  readonly records: number
  /** The same by detector with its version, also of those that are configured no more. */
  readonly held: Readonly<Record<string, number>>
  readonly findings: readonly Finding[]
  readonly time: TimeState | undefined
}

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
    const entities: EntityRecord[] = []
    const findings: Finding[] = []
    let time: TimeState | undefined
    for (const [key, value] of this.#values) {
      const entity = entityOf(key)
      if (entity) entities.push({ ...entity, bytes: value })
      else if (key.startsWith(keys.finding)) findings.push(findingCodec.decode(value.toString('utf8'), key))
      else if (key === keys.time) time = timeOf(value)
      else
        throw new RangeError(
          `the state topic has a record '${key.slice(0, 80)}' of another version of Picket`,
        )
    }
    return { packs: inPacks(entities), records: entities.length, held: countsOf(entities), findings, time }
  }
}

function countsOf(entities: readonly EntityRecord[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { detector, version } of entities) {
    const name = `${detector} ${version}`
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

/** Records that are packed together. */
const packRecords = 10_000

/** Names come once, so that their order says nothing. */
function* inPacks(entities: readonly EntityRecord[]): Generator<EntityPack> {
  for (let at = 0; at < entities.length; at += packRecords)
    yield* packsOf(entities.slice(at, at + packRecords))
}

/** The record of a changelog that says where its partition stands; `undefined` for another. */
export function readTime(key: string, value: Buffer | null): TimeState | undefined {
  return key === keys.time && value ? timeOf(value) : undefined
}

function timeOf(value: Buffer): TimeState {
  const { watermark, ...rest } = JSON.parse(value.toString('utf8')) as TimeState
  // As text, for JSON has no infinities.
  return { watermark: Number(watermark), ...rest }
}

/** Whose state the record of a key holds; `undefined` for another. Ids of detectors have no blank, entities may. */
export function entityOf(key: string): Omit<EntityRecord, 'bytes'> | undefined {
  if (!key.startsWith(keys.entity)) return undefined
  const from = keys.entity.length
  const first = key.indexOf(' ', from)
  const second = key.indexOf(' ', first + 1)
  return {
    detector: key.slice(from, first),
    version: Number(key.slice(first + 1, second)),
    entity: key.slice(second + 1),
  }
}
