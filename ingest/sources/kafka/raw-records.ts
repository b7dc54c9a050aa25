import type { RawRecord } from '../../../core/ports/source.ts'
import { recordBytesMax, truncatedBytes } from '../lines/record-limits.ts'
import type { FetchedMessage } from './topic-consumer.ts'

/**
 * The messages from offset `next` to before `until`. Those before `next` were handed over already: clients give them again
 * after a rebalance, or when they share a compressed batch, and then maybe twice in one fetch. A message without a value says nothing.
 */
export function rawRecords(
  messages: readonly FetchedMessage[],
  next: number,
  until: number,
  trustTimestamp: boolean,
): RawRecord[] {
  const records: RawRecord[] = []
  let expected = next
  for (const { offset: offsetText, value, timestamp } of messages) {
    const offset = Number(offsetText)
    if (offset < expected || offset >= until) continue
    expected = offset + 1
    if (value === null) continue
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
