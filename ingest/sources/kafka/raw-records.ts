import type { KafkaMessage } from 'kafkajs'
import type { RawRecord } from '../../../core/ports/source.ts'
import { recordBytesMax, truncatedBytes } from '../lines/record-limits.ts'

/**
 * The messages from offset `next` to before `until`. Those before `next` were handed over already: kafkajs gives
 * them again after a rebalance, or when they share a compressed batch. A message without a value says nothing.
 */
export function rawRecords(
  messages: readonly KafkaMessage[],
  next: number,
  until: number,
  trustTimestamp: boolean,
): RawRecord[] {
  const records: RawRecord[] = []
  for (const { offset: offsetText, value, timestamp } of messages) {
    const offset = Number(offsetText)
    if (value === null || offset < next || offset >= until) continue
    const truncated = value.length > recordBytesMax
    records.push({
      bytes: value,
      start: 0,
      end: truncated ? truncatedBytes : value.length,
      offset,
      ...(trustTimestamp && { received: Number(timestamp) }),
      ...(truncated && { truncated }),
    })
  }
  return records
}
