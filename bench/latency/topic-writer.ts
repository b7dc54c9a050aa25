import { Writable } from 'node:stream'
import kafkajs from 'kafkajs'

const { Kafka, logLevel, CompressionTypes } = kafkajs

/** A stream of lines into a topic of two partitions, in turns; what is written while a request is under way goes with the next. */
export async function topicWriter(brokers: string[], topic: string): Promise<Writable> {
  const kafka = new Kafka({ clientId: 'bench', brokers, logLevel: logLevel.NOTHING })
  const producer = kafka.producer()
  await producer.connect()
  let sent = 0
  const send = async (chunks: readonly Buffer[]) => {
    const lines = Buffer.concat(chunks).toString('utf8').split('\n')
    const messages = lines.filter((line) => line !== '').map((value) => ({ value, partition: sent++ % 2 }))
    await producer.send({ topic, messages, acks: 1, compression: CompressionTypes.None })
  }
  return new Writable({
    highWaterMark: 2 ** 20,
    write(chunk: Buffer, _encoding, done) {
      send([chunk]).then(() => done(), done)
    },
    writev(chunks, done) {
      send(chunks.map(({ chunk }) => chunk as Buffer)).then(() => done(), done)
    },
    final(done) {
      producer.disconnect().then(() => done(), done)
    },
  })
}
