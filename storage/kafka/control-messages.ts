import type { KafkaMessage, TopicMessages } from 'kafkajs'
import type { ControlEntry } from '../../core/manifest/control-log.ts'
import { controlCodec } from '../sqlite/record-codec.ts'

/** An entry of the control log of a cluster. */
export interface ControlRecord {
  /** Who wrote it, such as `ingest gateway:3`, `detect 0` or `respond`; its entries are in its order. */
  readonly by: string
  /** When, by the clock of its machine, epoch milliseconds. */
  readonly written: number
  readonly entry: ControlEntry
}

/** Entries as JSON, to be committed with what they are about. Throws `StateError` for what JSON can't hold. */
export function controlMessages(topic: string, by: string, entries: readonly ControlEntry[]): TopicMessages {
  return {
    topic,
    messages: entries.map((entry) => ({
      key: by,
      value: controlCodec.encode(entry, by),
      partition: 0,
    })),
  }
}

/** Undoes `controlMessages`; `undefined` for a message without a value. Throws `StateError` for what is no entry. */
export function readControl({ key, value, timestamp }: KafkaMessage): ControlRecord | undefined {
  if (!value) return undefined
  const by = String(key)
  return { by, written: Number(timestamp), entry: controlCodec.decode(value.toString('utf8'), by) }
}
