import type { Message, TopicMessages } from 'kafkajs'

/**
 * kafkajs makes one batch of what a request holds for a partition. Brokers take batches of 1 MB by default, but encoding one
 * holds up everything else for as long: so many bytes take some milliseconds.
 */
const batchBytesMax = 200_000
/** What a record takes besides key and value, at most, without headers. */
const recordBytes = 64

/** Messages, each with its partition, in requests that brokers take; those of a partition stay in order. */
export function inRequests(topics: readonly TopicMessages[]): TopicMessages[][] {
  const requests: Map<string, Message[]>[] = []
  const last = new Map<string, { request: number; bytes: number }>()
  for (const { topic, messages } of topics) {
    for (const message of messages) {
      const bytes = bytesOf(message)
      const place = `${topic}:${message.partition}`
      const known = last.get(place) ?? { request: 0, bytes: 0 }
      const isFull = known.bytes > 0 && known.bytes + bytes > batchBytesMax
      const next = isFull ? { request: known.request + 1, bytes } : { ...known, bytes: known.bytes + bytes }
      last.set(place, next)
      requests[next.request] ??= new Map()
      const request = requests[next.request] as Map<string, Message[]>
      const own = request.get(topic)
      if (own) own.push(message)
      else request.set(topic, [message])
    }
  }
  return requests.map((request) => [...request].map(([topic, messages]) => ({ topic, messages })))
}

function bytesOf({ key, value, headers }: Message): number {
  const ofHeaders = headers ? JSON.stringify(headers).length : 0
  return recordBytes + ofHeaders + length(key) + length(value)
}

function length(text: Message['value'] | undefined): number {
  return text ? Buffer.byteLength(text) : 0
}
