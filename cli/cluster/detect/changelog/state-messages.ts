import type { Message } from 'kafkajs'
import type { Finding } from '../../../../core/detector/finding.ts'
import { packPieces } from '../../../../core/engine/pack-pieces.ts'
import type { EntityPack } from '../../../../core/ports/state-store.ts'
import { findingCodec } from '../../../../storage/sqlite/record-codec.ts'
import { keys, packKey } from './changelog-keys.ts'
import type { KeptPacks } from './kept-packs.ts'
import { type TimeState, writeTime } from './time-state.ts'

/** What one commit changes of the state. */
export interface StateChanges {
  readonly packs: readonly EntityPack[]
  /** Findings that may still change. */
  readonly findings: readonly Finding[]
  /** Ids of those that no longer do. */
  readonly closed: readonly string[]
  readonly time: TimeState
}

/** Brokers take messages up to 1 MB by default; a message may be one record longer than this. */
const messageBytesMax = 150_000
/** Messages of a log that one commit deletes, so that it fits into its transaction's time. */
const goneMax = 2000

/**
 * Records of the state topic: the newest of each key is the state, one without a value is none. Packs come under keys of
 * their own; `kept` learns of them, and tells which of those before hold nothing any more that counts.
 */
export function stateMessages(changes: StateChanges, partition: number, kept: KeptPacks): Message[] {
  const text = (key: string, value: string | null): Message => ({ key, value, partition })
  return [
    ...changes.packs.flatMap((pack) => packMessages(pack, partition, kept)),
    ...changes.findings.map((finding) =>
      text(keys.finding + finding.id, findingCodec.encode(finding, finding.id)),
    ),
    ...changes.closed.map((id) => text(keys.finding + id, null)),
    text(keys.time, writeTime(changes.time)),
  ]
}

function packMessages(pack: EntityPack, partition: number, kept: KeptPacks): Message[] {
  const { number, oldest } = pack
  const messages = packPieces(pack, messageBytesMax).map(({ bytes }, piece): Message => {
    const key = packKey({ ...pack, piece })
    kept.add(pack, number, key)
    return { key, value: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), partition }
  })
  const gone = kept.forget(pack, oldest, goneMax).map((key): Message => ({ key, value: null, partition }))
  return [...messages, ...gone]
}
