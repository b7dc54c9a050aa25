import { randomUUID } from 'node:crypto'
import { Partitioners } from 'kafkajs'
import { afterEach, expect, test, vi } from 'vitest'
import { type Positions, partitionKey } from '../../../core/event/position.ts'
import { recordBytes } from '../../../core/ports/source.ts'
import { kafkaPlace, type Library, texts } from '../../../test/contracts/kafka-place.ts'
import { readLines } from '../../../test/contracts/source-contract.ts'
import { describeKafka } from '../../../test/peers/describe-kafka.ts'
import { describeRdkafka } from '../../../test/peers/describe-rdkafka.ts'
import type { KafkaSource } from './kafka-source.ts'

describeKafka('topics that come, grow and go', (brokers) => topicTests(brokers))
// Outside, because a suite must not be empty where the library is not built.
describeRdkafka('over librdkafka', (rdkafka) => {
  describeKafka('topics that come, grow and go, by librdkafka', (brokers) =>
    topicTests(brokers, { client: 'rdkafka', rdkafka }),
  )
})

const watchMs = 300

function topicTests(brokers: string[], library: Library = {}): void {
  const { client, admin, newTopic, send, producer, live, open } = kafkaPlace(brokers, library)
  const stops: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop()
  })

  /** Reads until the test is over. */
  function watched(source: KafkaSource, from?: Positions) {
    const stop = new AbortController()
    const seen: string[] = []
    const news: string[] = []
    const next = new Map<string, number>()
    const reading = readLines(
      source,
      from,
      ({ batches }) => {
        const batch = batches.at(-1)
        if (!batch) return false
        if (batch.kind !== 'records') news.push(`${batch.kind} ${batch.partition}`)
        else {
          seen.push(...batch.records.map((record) => Buffer.from(recordBytes(record)).toString()))
          for (const lost of batch.lost ?? []) news.push(`lost ${lost.from}-${lost.to}`)
          next.set(partitionKey('kafka', batch.partition), batch.next)
        }
        return false
      },
      stop.signal,
    )
    reading.catch(() => {})
    stops.push(() => {
      stop.abort()
      return reading.catch(() => {})
    })
    return { seen, news, next, reading }
  }

  const soon = (check: () => void) => vi.waitFor(check, { timeout: 25_000, interval: 100 })

  test('a pattern finds topics that come later, and reads them from the start; never ours or Kafka’s', async () => {
    const prefix = `access.${randomUUID()}`
    const first = await newTopic(1, `${prefix}.first`)
    await send(await newTopic(1, `picket.${prefix}`), ['ours'])
    await send(first, ['one'])
    const notices: string[] = []
    const onNotice = (notice: string) => notices.push(notice)
    const pattern = new RegExp(`(^|\\.)${prefix.replaceAll('.', '\\.')}`)
    const { seen, news } = watched(live([pattern], { from: 'latest', watchMs, onNotice }))
    await soon(() => expect(news).toEqual([`opened ${first}:0`]))
    const second = await newTopic(1, `${prefix}.second`)
    await send(second, ['two'])
    await soon(() => expect(seen).toEqual(['two']))
    await send(first, ['three'])
    await soon(() => expect(seen).toEqual(['two', 'three']))
    expect(news).toEqual([`opened ${first}:0`, `opened ${second}:0`])
    expect(notices.filter((text) => text.startsWith('found'))).toEqual([
      expect.stringContaining(`found topic '${second}'`),
    ])
  }, 60_000)

  test('a pattern that nothing matches yet waits', async () => {
    const topic = `later-${randomUUID()}`
    const { seen } = watched(live([new RegExp(`^${topic}`)], { watchMs }))
    await newTopic(1, topic)
    await send(topic, ['one'])
    await soon(() => expect(seen).toEqual(['one']))
  }, 60_000)

  test('partitions that are added are read from their start, also after a restart in between', async () => {
    const topic = await newTopic()
    const source = live(topic, { from: 'latest', watchMs })
    const { seen, news, next } = watched(source)
    await soon(() => expect(news).toEqual([`opened ${topic}:0`]))
    await admin.createPartitions({ topicPartitions: [{ topic, count: 2 }] })
    await vi.waitFor(() => producer.send({ topic, messages: [{ value: 'added', partition: 1 }] }), 20_000)
    await soon(() => expect(seen).toEqual(['added']))
    const from = new Map([...next].filter(([key]) => key.endsWith(':0')))
    expect([...from.values()]).toEqual([0])
    expect(texts(await readLines(open(topic, { from: 'latest' }), from))).toEqual(['added'])
  }, 60_000)

  test('where reading begins at the end of a topic, a restart goes on from there', async () => {
    const topic = await newTopic()
    await send(topic, ['old'])
    const { news, next } = watched(live(topic, { from: 'latest', watchMs }))
    await soon(() => expect(news).toHaveLength(1))
    await soon(() => expect([...next.values()]).toEqual([1]))
    const from = new Map(next)
    await send(topic, ['new'])
    expect(texts(await readLines(open(topic, { from: 'latest' }), from))).toEqual(['new'])
  }, 60_000)

  test('records that are deleted while others are read are told, and reading goes on', async () => {
    const topic = await newTopic()
    await send(topic, ['one'])
    const notices: string[] = []
    const batches: string[] = []
    let isDeleted = false
    const source = live(topic, { watchMs: 60_000, onNotice: (notice) => notices.push(notice) })
    for await (const batch of source.read(new Map(), new AbortController().signal)) {
      if (batch.kind !== 'records') continue
      for (const { from, to } of batch.lost ?? []) batches.push(`lost ${from}-${to}`)
      for (const record of batch.records) batches.push(Buffer.from(recordBytes(record)).toString())
      if (batch.records.length > 0 && !isDeleted) {
        isDeleted = true
        // While the reader holds the first, nothing more is asked for of kafkajs.
        for (let count = 0; count < 3; count++) await send(topic, ['x'.repeat(900_000)])
        await send(topic, ['two', 'three', 'four'])
        await admin.fetchTopicOffsets(topic)
        await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '6' }] })
      }
      if (batches.includes('four')) break
    }
    // What was fetched before it was deleted is still read.
    const lost = batches.filter((text) => text.startsWith('lost'))
    if (library.client !== 'rdkafka') expect(lost).toHaveLength(1)
    expect(notices.filter((text) => text.includes('lost: Kafka deleted'))).toHaveLength(lost.length)
    expect(batches.at(-1)).toBe('four')
  }, 60_000)

  test('a topic that is deleted ends while the others go on; made anew, its positions mean other records', async () => {
    const [gone, stays] = [await newTopic(), await newTopic()]
    await send(gone, ['one', 'two'])
    const notices: string[] = []
    const { seen, news, reading } = watched(
      live([gone, stays], { watchMs, onNotice: (notice) => notices.push(notice) }),
    )
    await soon(() => expect(seen).toHaveLength(2))
    await admin.deleteTopics({ topics: [gone] })
    await soon(() => expect(news).toContain(`ended ${gone}:0`))
    // The first producer asks for the topic that is gone, too.
    const other = client.producer({ createPartitioner: Partitioners.DefaultPartitioner })
    await other.connect()
    stops.push(() => other.disconnect())
    await other.send({ topic: stays, messages: [{ value: 'three' }] })
    await soon(() => expect(seen).toContain('three'))
    expect(notices.join('\n')).toContain(`topic '${gone}' is gone from Kafka`)
    await newTopic(1, gone)
    await expect(reading).rejects.toThrow(`partition ${gone}:0 ends at offset 0, before Picket's position 2`)
  }, 60_000)
}
