import { createRequire } from 'node:module'

interface FetchedMessage {
  readonly offset: string
  readonly key: Buffer | null
  isControlRecord: boolean
  readonly batchContext?: { readonly producerId: string; readonly inTransaction: boolean }
}

interface FetchedPartition {
  readonly messages: FetchedMessage[]
  abortedTransactions?: readonly { readonly producerId: string; readonly firstOffset: string }[]
}

interface FetchResponse {
  decode(
    data: unknown,
  ): Promise<{ readonly responses: readonly { readonly partitions: readonly FetchedPartition[] }[] }>
}

/** Versions of the response that tell of aborted transactions, as far as kafkajs speaks them. */
const versions = [4, 5, 6, 7, 8, 9, 10, 11]
/** Key of the record that ends an aborted transaction: version 0, type 0 (Kafka's ControlRecordType). */
const abortKey = Buffer.from([0, 0, 0, 0])
let isDone = false

/**
 * Has kafkajs hide all messages of aborted transactions. By itself (2.2.4, `filterAbortedMessages`) it takes the broker's list
 * to be in the order of first offsets, and it is in that of the ends: with two producers in one partition, messages that
 * were never committed come through. Here each is marked as a control record, which kafkajs passes over.
 */
export function hideAbortedMessages(): void {
  if (isDone) return
  isDone = true
  const require = createRequire(import.meta.url)
  for (const version of versions) {
    const response: FetchResponse = require(`kafkajs/src/protocol/requests/fetch/v${version}/response.js`)
    const { decode } = response
    response.decode = async (data) => {
      const decoded = await decode(data)
      for (const { partitions } of decoded.responses)
        for (const partition of partitions) markAborted(partition)
      return decoded
    }
  }
}

/** Transactions of a producer follow each other, so each abort ends the one whose first offset came last before it. */
function markAborted(partition: FetchedPartition): void {
  const aborted = [...(partition.abortedTransactions ?? [])].sort((left, right) =>
    Number(BigInt(left.firstOffset) - BigInt(right.firstOffset)),
  )
  partition.abortedTransactions = []
  if (aborted.length === 0) return
  const under = new Set<string>()
  for (const message of partition.messages) {
    const { offset, key, isControlRecord, batchContext } = message
    while (aborted[0] && BigInt(aborted[0].firstOffset) <= BigInt(offset))
      under.add(aborted.shift()?.producerId ?? '')
    if (!batchContext) continue
    const { producerId, inTransaction } = batchContext
    if (isControlRecord && key && Buffer.from(key).equals(abortKey)) under.delete(producerId)
    else if (inTransaction && under.has(producerId)) message.isControlRecord = true
  }
}
