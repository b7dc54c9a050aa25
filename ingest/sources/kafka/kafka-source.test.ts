import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Admin,
  CompressionCodecs,
  CompressionTypes,
  Kafka,
  logLevel,
  type Message,
  Partitioners,
  type Producer,
} from 'kafkajs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { partitionKey } from '../../../core/event/position.ts'
import { recordBytes } from '../../../core/ports/source.ts'
import { type Reading, readLines, runSourceContract } from '../../../test/contracts/source-contract.ts'
import { describeKafka } from '../../../test/peers/describe-kafka.ts'
import { KafkaSource, type KafkaSourceOptions } from './kafka-source.ts'

describeKafka('KafkaSource', (brokers) => {
  const client = new Kafka({ brokers, logLevel: logLevel.NOTHING })
  const topics: string[] = []
  let admin: Admin
  let producer: Producer

  beforeAll(async () => {
    admin = client.admin()
    producer = client.producer({ createPartitioner: Partitioners.DefaultPartitioner })
    await Promise.all([admin.connect(), producer.connect()])
  })
  afterAll(async () => {
    await admin.deleteTopics({ topics })
    await Promise.all([admin.disconnect(), producer.disconnect()])
  })

  async function newTopic(numPartitions = 1): Promise<string> {
    const topic = `source-${randomUUID()}`
    topics.push(topic)
    await admin.createTopics({ topics: [{ topic, numPartitions }] })
    return topic
  }

  function send(topic: string, values: readonly (string | null)[], compression = CompressionTypes.None) {
    const messages: Message[] = values.map((value) => ({ key: 'k', value, partition: 0 }))
    return producer.send({ topic, messages, compression })
  }

  function open(topic: string | readonly string[], options: Partial<KafkaSourceOptions> = {}): KafkaSource {
    return new KafkaSource({
      id: 'kafka',
      client: { brokers },
      topics: [topic].flat(),
      groupId: `group-${randomUUID()}`,
      until: 'end',
      ...options,
    })
  }

  const texts = ({ lines }: Reading) => [...lines.values()].flat().map((line) => line.text)

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
        open: ({ isLive }) => {
          if (!isLive) return open([gateway, service])
          return new KafkaSource({
            id: 'kafka',
            client: { brokers },
            topics: [gateway, service],
            groupId: `group-${randomUUID()}`,
          })
        },
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
      return batches.flatMap((batch) => (batch.kind === 'records' ? batch.records[0]?.received : []))
    }
    expect(await received(false)).toEqual([undefined])
    expect(await received(true)).toEqual([1700000000000])
  })

  test('a codec that is missing is one error with topic, partition and codec', async () => {
    const topic = await newTopic(2)
    await send(topic, ['readable'])
    // Snappy without its compression: the length, then one literal. The broker accepts it.
    const compress = async ({ buffer }: { readonly buffer: Buffer }) => {
      const length = buffer.length
      return Buffer.concat([
        Buffer.from([(length & 0x7f) | 0x80, length >> 7, 61 << 2, (length - 1) & 0xff, (length - 1) >> 8]),
        buffer,
      ])
    }
    const before = CompressionCodecs[CompressionTypes.Snappy]
    CompressionCodecs[CompressionTypes.Snappy] = () => ({ compress })
    await send(
      topic,
      Array.from({ length: 30 }, (_, index) => `unreadable ${index}`),
      CompressionTypes.Snappy,
    )
    CompressionCodecs[CompressionTypes.Snappy] = before
    // Offset 17 lies inside the compressed batch.
    for (const offset of [0, 17]) {
      const from = new Map([[partitionKey('kafka', `${topic}:0`), offset]])
      await expect(readLines(open(topic), from)).rejects.toThrow(
        new RegExp(`partition ${topic}:0 holds messages compressed with snappy`),
      )
    }
  })

  test('a missing topic and a broker that is not there are errors that say so', async () => {
    await expect(readLines(open('no-such-topic'))).rejects.toThrow(/has no topic 'no-such-topic'/)
    const away = open('any', { client: { brokers: ['127.0.0.1:1'], connectionTimeout: 100 } })
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
    expect(notices).toEqual([`Kafka deleted 1 records of ${topic}:0 by retention before they were read`])
  })

  test('reads from the latest when told to, and what comes afterwards', async () => {
    const topic = await newTopic()
    await send(topic, ['old'])
    const source = new KafkaSource({
      id: 'kafka',
      client: { brokers },
      topics: [topic],
      groupId: randomUUID(),
      from: 'latest',
    })
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
    const source = new KafkaSource({
      id: 'kafka',
      client: { brokers },
      topics: [topic],
      groupId: randomUUID(),
      idleMs: 300,
    })
    const kinds: string[] = []
    let isSent = false
    for await (const batch of source.read(new Map(), new AbortController().signal)) {
      kinds.push(`${batch.kind} ${batch.partition.split(':')[1]}`)
      if (batch.kind === 'records' && !isSent) {
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
    const source = new KafkaSource({ id: 'kafka', client: { brokers }, topics: [topic], groupId })
    for await (const batch of source.read(new Map(), new AbortController().signal)) {
      if (batch.kind !== 'records') continue
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
    const live = () => new KafkaSource({ id: 'kafka', client: { brokers }, topics: [topic], groupId })
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
      live(),
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
    const otherReading = readLines(live(), new Map(), () => false, other.signal)
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
})
