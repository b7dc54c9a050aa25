import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { CompressionTypes, Partitioners } from 'kafkajs'
import { expect, test } from 'vitest'
import { partitionKey } from '../../../core/event/position.ts'
import { recordBytes } from '../../../core/ports/source.ts'
import { kafkaPlace, type Library, texts } from '../../../test/contracts/kafka-place.ts'
import { readLines, runSourceContract } from '../../../test/contracts/source-contract.ts'
import { describeKafka } from '../../../test/peers/describe-kafka.ts'
import { describeRdkafka } from '../../../test/peers/describe-rdkafka.ts'

describeKafka('KafkaSource', (brokers) => sourceTests(brokers))
// Outside, because a suite must not be empty where the library is not built.
describeRdkafka('over librdkafka', (rdkafka) => {
  describeKafka('KafkaSource by librdkafka', (brokers) =>
    sourceTests(brokers, { client: 'rdkafka', rdkafka }),
  )
})

function sourceTests(brokers: string[], library: Library = {}): void {
  const { client, admin, producer, newTopic, send, open, live } = kafkaPlace(brokers, library)

  runSourceContract({
    name: 'KafkaSource',
    partitions: 3,
    provide: async (partitions) => {
      const [gateway, service] = [await newTopic(2), await newTopic(1)]
      for (const [index, lines] of partitions.entries()) {
        const [topic, partition] = index < 2 ? [gateway, index] : [service, 0]
        const messages = lines.map((value) => ({ value, partition }))
        // Several batches, because kafkajs resumes inside one as well.
        for (let at = 0; at < messages.length; at += 150) {
          const compression = at === 150 ? CompressionTypes.GZIP : CompressionTypes.None
          await producer.send({ topic, messages: messages.slice(at, at + 150), compression })
        }
      }
      return {
        open: ({ isLive }) => (isLive ? live : open)([gateway, service]),
      }
    },
  })

  test('skips messages without a value, and says so in the position; truncates long ones', async () => {
    const topic = await newTopic()
    await send(topic, ['one', null, 'y'.repeat(100_000), null])
    const { lines, batches } = await readLines(open(topic))
    expect(lines.get(`${topic}:0`)).toEqual([
      { text: 'one', offset: 0 },
      { text: 'y'.repeat(4096), offset: 2 },
    ])
    expect(batches.at(-2)).toMatchObject({ kind: 'records', next: 4 })
  })

  test('takes the timestamp as received only when told to', async () => {
    const topic = await newTopic()
    await producer.send({ topic, messages: [{ value: 'x', timestamp: '1700000000000' }] })
    const received = async (trustTimestamp: boolean) => {
      const { batches } = await readLines(open(topic, { trustTimestamp }))
      return batches.flatMap((batch) =>
        batch.kind === 'records' ? batch.records.map((record) => record.received) : [],
      )
    }
    expect(await received(false)).toEqual([undefined])
    expect(await received(true)).toEqual([1700000000000])
  })

  test('a missing topic and a broker that is not there are errors that say so', async () => {
    await expect(readLines(open('no-such-topic'))).rejects.toThrow(/has no topic 'no-such-topic'/)
    const away = open('any', { connection: { brokers: ['127.0.0.1:1'], connectTimeoutMs: 100 } })
    await expect(readLines(away)).rejects.toThrow('cannot read Kafka at 127.0.0.1:1')
  }, 60_000)

  test('a position behind the end is a topic created anew', async () => {
    const topic = await newTopic()
    await send(topic, ['one'])
    const from = new Map([[partitionKey('kafka', `${topic}:0`), 7]])
    await expect(readLines(open(topic), from)).rejects.toThrow(
      `partition ${topic}:0 ends at offset 1, before Picket's position 7`,
    )
  })

  test('starts at the first offset kept, and tells what retention took', async () => {
    const topic = await newTopic()
    await send(topic, ['one', 'two', 'three'])
    // kafkajs finds the leader only of topics that it has met.
    await admin.fetchTopicOffsets(topic)
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '2' }] })
    const notices: string[] = []
    const onNotice = (notice: string) => notices.push(notice)
    expect(texts(await readLines(open(topic, { onNotice })))).toEqual(['three'])
    expect(notices).toEqual([])
    const from = new Map([[partitionKey('kafka', `${topic}:0`), 1]])
    expect(texts(await readLines(open(topic, { onNotice }), from))).toEqual(['three'])
    expect(notices).toEqual([
      expect.stringContaining(`1 record of ${topic}:0, offset 1, is lost: Kafka deleted`),
    ])
  })

  test('reads from the latest when told to, and what comes afterwards', async () => {
    const topic = await newTopic()
    await send(topic, ['old'])
    const source = live(topic, { from: 'latest' })
    let isSent = false
    const reading = await readLines(source, new Map(), ({ batches, lines }) => {
      if (!isSent && batches.length > 0) {
        isSent = true
        send(topic, ['new'])
      }
      return lines.size > 0
    })
    expect(texts(reading)).toEqual(['new'])
  })

  test('ends behind the markers of transactions and leaves out aborted messages', async () => {
    const topic = await newTopic()
    const transactional = client.producer({
      transactionalId: topic,
      maxInFlightRequests: 1,
      idempotent: true,
      createPartitioner: Partitioners.DefaultPartitioner,
      retry: { initialRetryTime: 10, retries: 50 },
    })
    await transactional.connect()
    for (const [value, isKept] of [
      ['kept', true],
      ['aborted', false],
    ] as const) {
      const transaction = await transactional.transaction()
      await transaction.send({ topic, messages: [{ value }] })
      await (isKept ? transaction.commit() : transaction.abort())
    }
    await transactional.disconnect()
    expect(texts(await readLines(open(topic)))).toEqual(['kept'])
  })

  test('says idle for a quiet partition only, and not while its records wait for the reader', async () => {
    const topic = await newTopic(2)
    await send(topic, ['one'])
    const source = live(topic, { idleMs: 300 })
    const kinds: string[] = []
    let isSent = false
    for await (const batch of source.read(new Map(), new AbortController().signal)) {
      const partition = batch.partition.split(':')[1]
      if (batch.kind !== 'records' || batch.records.length > 0) kinds.push(`${batch.kind} ${partition}`)
      if (batch.kind === 'records' && batch.records.length > 0 && !isSent) {
        isSent = true
        await send(topic, ['two'])
        await sleep(1000)
      } else if (kinds.includes('idle 0') && kinds.includes('idle 1')) break
    }
    expect(kinds.lastIndexOf('records 0')).toBeLessThan(kinds.indexOf('idle 0'))
    expect(kinds.filter((kind) => kind === 'records 0')).toHaveLength(2)
    expect(kinds.filter((kind) => kind.startsWith('idle')).sort()).toEqual(['idle 0', 'idle 1'])
  })

  test('commits to the group for its lag, and never starts from there', async () => {
    const topic = await newTopic()
    const groupId = randomUUID()
    await send(topic, ['one', 'two'])
    const source = live(topic, { groupId })
    for await (const batch of source.read(new Map(), new AbortController().signal)) {
      if (batch.kind !== 'records' || batch.records.length === 0) continue
      await source.committed(new Map([[partitionKey('kafka', batch.partition), batch.next]]))
      break
    }
    expect(await admin.fetchOffsets({ groupId, topics: [topic] })).toMatchObject([
      { partitions: [{ offset: '2' }] },
    ])
    expect(texts(await readLines(open(topic, { groupId })))).toEqual(['one', 'two'])
  })

  test('partitions that another member takes end, and come back without loss or repetition', async () => {
    const topic = await newTopic(2)
    const groupId = randomUUID()
    const member = () => live(topic, { groupId })
    const stop = new AbortController()
    const kinds: string[] = []
    const seen: string[] = []
    let number = 0
    const produce = () => {
      number++
      const messages = [0, 1].map((partition) => ({ value: `${partition}/${number}`, partition }))
      return producer.send({ topic, messages })
    }
    const reading = readLines(
      member(),
      new Map(),
      ({ batches }) => {
        const batch = batches.at(-1)
        if (batch?.kind === 'records')
          seen.push(...batch.records.map((record) => Buffer.from(recordBytes(record)).toString()))
        else if (batch) kinds.push(batch.kind)
        return false
      },
      stop.signal,
    )
    const until = async (isTrue: () => boolean) => {
      while (!isTrue()) {
        await produce()
        await sleep(100)
      }
    }
    await until(() => seen.length >= 4)
    const other = new AbortController()
    const otherReading = readLines(member(), new Map(), () => false, other.signal)
    await until(() => kinds.includes('ended'))
    other.abort()
    await otherReading
    await until(() => kinds.filter((kind) => kind === 'opened').length === 3)
    const sent = number
    await until(() => seen.includes(`0/${sent}`) && seen.includes(`1/${sent}`))
    stop.abort()
    await reading
    for (const partition of [0, 1]) {
      const numbers = seen
        .filter((text) => text.startsWith(`${partition}/`))
        .map((text) => Number(text.slice(2)))
      expect(numbers).toEqual(numbers.map((_, index) => index + 1))
      expect(numbers.length).toBeGreaterThanOrEqual(sent)
    }
  }, 60_000)
}
