import { randomUUID } from 'node:crypto'
import { CompressionCodecs, CompressionTypes } from 'kafkajs'
import { beforeAll, expect, test } from 'vitest'
import { partitionKey } from '../../../core/event/position.ts'
import { kafkaPlace, texts } from '../../../test/contracts/kafka-place.ts'
import { type Reading, readLines } from '../../../test/contracts/source-contract.ts'
import { describeKafka } from '../../../test/peers/describe-kafka.ts'
import { describeRdkafka } from '../../../test/peers/describe-rdkafka.ts'
import { compressedRecord, produceCompressed } from '../../../test/peers/produce-compressed.ts'
import { registerCodecs } from './codecs/register-codecs.ts'
import { marksInstead } from './codecs/unreadable-batch.ts'

const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const
const records = 3000
/** More than a batch may have decompressed, and some KB compressed. */
const zeros = 70_000_000

describeKafka('batches that Kafka’s own producer compressed', (brokers) => {
  const place = kafkaPlace(brokers)
  const { newTopic, open, send } = place
  const topics = new Map<string, string>()
  const bombs = new Map<string, string>()

  beforeAll(async () => {
    for (const codec of codecs) topics.set(codec, await newTopic(1, `codec-${codec}-${randomUUID()}`))
    for (const codec of codecs.slice(1)) {
      const topic = `bomb-${codec}-${randomUUID()}`
      // Snappy makes no more than 1/20 of zeros, so its bomb is larger than topics take by default.
      bombs.set(codec, await newTopic(1, topic, [{ name: 'max.message.bytes', value: '10000000' }]))
    }
    await produceCompressed(brokers, [
      ...[...topics].map(([codec, topic]) => ({ topic, codec: codec as (typeof codecs)[number], records })),
      ...[...bombs].map(([codec, topic]) => ({
        topic,
        codec: codec as (typeof codecs)[number],
        records: { zeros },
      })),
    ])
    for (const topic of bombs.values()) await send(topic, ['behind it'])
  })

  const whole = Array.from({ length: records }, (_, offset) => compressedRecord(offset))

  test.each(codecs)('%s is read whole, and from inside a batch', async (codec) => {
    const topic = topics.get(codec) ?? ''
    expect(texts(await readLines(open(topic)))).toEqual(whole)
    const from = new Map([[partitionKey('kafka', `${topic}:0`), 1777]])
    expect(texts(await readLines(open(topic), from))).toEqual(whole.slice(1777))
  })

  const lostOf = ({ batches }: Reading) =>
    batches.flatMap((batch) => (batch.kind === 'records' ? (batch.lost ?? []) : []))

  test.each(codecs.slice(1))('a bomb of %s is passed over: told, and not decompressed', async (codec) => {
    const notices: string[] = []
    const topic = bombs.get(codec) ?? ''
    const reading = await readLines(open(topic, { onNotice: (notice) => notices.push(notice) }))
    expect(texts(reading)).toEqual(['behind it'])
    expect(lostOf(reading)).toMatchObject([{ from: 0, to: 1 }])
    expect(notices).toEqual([
      `1 record of ${topic}:0, offset 0, is lost: they can't be decoded (${codec}: more than 64 MB decompressed)`,
    ])
  })

  describeRdkafka('by librdkafka', (rdkafka) => {
    const able = codecs.filter((codec) => codec === 'none' || rdkafka.features.includes(codec))
    test.each(able)('%s is read whole', async (codec) => {
      const source = open(topics.get(codec) ?? '', { client: 'rdkafka', rdkafka })
      expect(texts(await readLines(source))).toEqual(whole)
    })

    test.each(codecs.filter((codec) => !able.includes(codec)))(
      '%s, which it was built without, is an error, and says what to do',
      async (codec) => {
        const reading = readLines(open(topics.get(codec) ?? '', { client: 'rdkafka', rdkafka }))
        await expect(reading).rejects.toThrow(/built without that codec.*use `client: kafkajs`/)
      },
    )
  })

  test('a batch that does not decompress is passed over with its range, and what is around it is read', async () => {
    const topic = await newTopic()
    await send(topic, ['before'])
    // Snappy without its compression, which the broker accepts.
    const before = CompressionCodecs[CompressionTypes.Snappy]
    const compress = async ({ buffer }: { readonly buffer: Buffer }) => literalSnappy(buffer)
    CompressionCodecs[CompressionTypes.Snappy] = () => ({ compress })
    const many = Array.from({ length: 30 }, (_, index) => `unreadable ${index}`)
    await send(topic, many, CompressionTypes.Snappy)
    CompressionCodecs[CompressionTypes.Snappy] = before
    await send(topic, ['after'])
    expect(texts(await readLines(open(topic)))).toEqual(['before', ...many, 'after'])

    const broken = { compress, decompress: async (bytes: Buffer) => marksInstead(bytes, 'snappy: broken') }
    const readBroken = async (from?: ReadonlyMap<string, number>) => {
      // It registers its codecs when reading begins.
      const reading = readLines(open(topic), from)
      CompressionCodecs[CompressionTypes.Snappy] = () => broken
      return reading.finally(registerCodecs)
    }
    const reading = await readBroken()
    expect(texts(reading)).toEqual(['before', 'after'])
    expect(lostOf(reading)).toMatchObject([
      { from: 1, to: 31, why: expect.stringContaining('snappy: broken') },
    ])
    const inside = new Map([[partitionKey('kafka', `${topic}:0`), 17]])
    expect(lostOf(await readBroken(inside))).toMatchObject([{ from: 17, to: 31 }])
  })
})

function literalSnappy(buffer: Buffer): Buffer {
  const { length } = buffer
  const header = [(length & 0x7f) | 0x80, length >> 7, 61 << 2, (length - 1) & 0xff, (length - 1) >> 8]
  return Buffer.concat([Buffer.from(header), buffer])
}
