import { Writable } from 'node:stream'
import kafkajs, { type Producer } from 'kafkajs'

const { Kafka, logLevel, CompressionTypes } = kafkajs
const lf = 0x0a
/** Below the megabyte that a broker takes in one batch, also where this process had no turn for a second. */
const linesPerSend = 2000

/** A stream whose lines become messages of a topic: each write is one send, in its order, over partitions by turns. */
export async function topicWriter(brokers: readonly string[], topic: string): Promise<Writable> {
  const kafka = new Kafka({ clientId: 'bench', brokers: [...brokers], logLevel: logLevel.NOTHING })
  const producer = kafka.producer()
  await producer.connect()
  return new Writable({
    write: (chunk: Buffer, _encoding, done) => send(producer, topic, [chunk]).then(() => done(), done),
    // What came while a send was under way goes with the next one.
    writev: (chunks, done) =>
      void send(
        producer,
        topic,
        chunks.map(({ chunk }) => chunk as Buffer),
      ).then(() => done(), done),
    final: (done) => void producer.disconnect().then(() => done(), done),
  })
}

async function send(producer: Producer, topic: string, chunks: readonly Buffer[]): Promise<void> {
  const messages = chunks.flatMap(linesOf).map((value, index) => ({ value, partition: index % 2 }))
  for (let from = 0; from < messages.length; from += linesPerSend) {
    const some = messages.slice(from, from + linesPerSend)
    await producer.send({ topic, messages: some, compression: CompressionTypes.None })
  }
}

function linesOf(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = []
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(lf, start)
    const stop = end < 0 ? bytes.length : end
    if (stop > start) lines.push(bytes.subarray(start, stop))
    start = stop + 1
  }
  return lines
}
