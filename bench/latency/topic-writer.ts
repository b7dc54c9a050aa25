import { Writable } from 'node:stream'
import kafkajs, { type Producer } from 'kafkajs'

const { Kafka, logLevel, CompressionTypes } = kafkajs
const lf = 0x0a

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
  if (messages.length > 0) await producer.send({ topic, messages, compression: CompressionTypes.None })
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
