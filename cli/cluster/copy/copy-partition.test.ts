import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import kafkajs from 'kafkajs'
import pino from 'pino'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { AnalyticsBatch } from '../../../core/ports/analytics-store.ts'
import { AnalyticsError } from '../../../storage/clickhouse/analytics-error.ts'
import { ensureTopics } from '../../../storage/kafka/ensure-topics.ts'
import { topicLayout } from '../../../storage/kafka/topic-layout.ts'
import { FencedError, Transactor } from '../../../storage/kafka/transactor.ts'
import { KeptRows, keptBatches, keptFolder } from '../../../storage/spill/kept-rows.ts'
import { SkippedLog } from '../../../storage/spill/skipped-log.ts'
import { readTopic } from '../../../test/cluster/read-topic.ts'
import { finding } from '../../../test/contracts/analytics-store-rows.ts'
import { describeKafka } from '../../../test/peers/describe-kafka.ts'
import type { Located } from '../../pipeline/partition-lane.ts'
import type { Cluster } from '../cluster.ts'
import { CopyPartition } from './copy-partition.ts'
import { CopySender } from './copy-sender.ts'
import { OutgoingCopies } from './outgoing-copies.ts'

/** For Kafka on a machine that pauses. */
const patience = { timeout: 20_000 }

/** Keeps positions as ClickHouse would: a token that was seen adds nothing. */
class Store {
  readonly tokens: string[] = []
  readonly paths: string[] = []

  insert({ token, bytes }: AnalyticsBatch): void {
    const isNew = !this.tokens.includes(token)
    this.tokens.push(token)
    if (isNew)
      this.paths.push(
        ...(Buffer.from(bytes)
          .toString('latin1')
          .match(/\/orders\/\d{5}/g) ?? []),
      )
  }
}

const pathsOf = (from: number, until: number) =>
  Array.from({ length: until - from }, (_, index) => `/orders/${String(from + index).padStart(5, '0')}`)

describeKafka('a partition of copies', (brokers) => {
  let folder: string
  let skipped: SkippedLog
  const kafka = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING })
  const admin = kafka.admin()
  const opened: CopyPartition[] = []
  let count = 0

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'picket-copy-'))
    skipped = await SkippedLog.open(folder)
    await admin.connect()
  })
  afterAll(async () => {
    await Promise.all(opened.map((partition) => partition.close()))
    await admin.disconnect()
    rmSync(folder, { recursive: true })
  })

  async function stage() {
    const prefix = `copy-${process.pid}-${Date.now()}-${count++}`
    const topics = topicLayout({ prefix, partitions: 1 })
    await ensureTopics(admin, [topics.copies], 1)
    const rest = { log: pino({ level: 'silent' }), config: { space: 'default' }, sessionMs: 40 }
    const cluster = { kafka, admin, topics, prefix, transactionMs: 10_000, ...rest } as unknown as Cluster
    const writer = await Transactor.open(kafka, `${prefix}.writer`, 10_000)
    const outgoing = new OutgoingCopies(cluster, 0)

    /** Commits events in messages of so many. */
    async function write(from: number, until: number, each = 10): Promise<void> {
      for (let first = from; first < until; first += each) {
        outgoing.events(
          pathsOf(first, first + each).map((path, index) => ({
            offset: first + index,
            time: 0,
            event: { time: 1_767_600_000_000, path, status: 200 },
            lane: { source: 'gateway', partition: 't:0' },
          })) as unknown as Located[],
        )
        await writer.commit({ messages: [await outgoing.take()] })
      }
    }

    async function writeFindings(): Promise<void> {
      outgoing.addAll('findings', [finding()])
      await writer.commit({ messages: [await outgoing.take()] })
    }

    /** Writes what only another version can read. */
    async function writeUnreadable(): Promise<void> {
      const message = {
        key: 'events',
        value: 'rows',
        partition: 0,
        headers: { 'picket-copy': '{"version":9}' },
      }
      await writer.commit({ messages: [{ topic: topics.copies.name, messages: [message] }] })
    }

    async function open(insert: (batch: AnalyticsBatch) => Promise<void>) {
      const failures: unknown[] = []
      const partition = await CopyPartition.open({
        cluster,
        partition: 0,
        place: { id: '0', partitions: [{ topic: topics.copies.name, partition: 0 }] },
        sender: new CopySender({ store: { insert }, report: () => {}, skipped, kept: new KeptRows(folder) }),
        held: new Map(),
        fail: (error) => failures.push(error),
        onSent: () => {},
      })
      opened.push(partition)
      /** Gives it everything that was committed and that it did not read yet. */
      async function feed(): Promise<void> {
        const from = partition.reading.get(topics.copies.name)
        if (from === undefined) return
        const messages = (await readTopic(brokers, topics.copies.name)).filter(
          ({ offset }) => Number(offset) >= from,
        )
        const next = Number(messages.at(-1)?.offset ?? from - 1) + 1
        await partition.take({ topic: topics.copies.name, partition: 0, messages, next, high: next })
      }
      return { partition, failures, feed }
    }

    /** As retention does, all before an offset. */
    const deleteBefore = (offset: number) =>
      admin.deleteTopicRecords({
        topic: topics.copies.name,
        partitions: [{ partition: 0, offset: String(offset) }],
      })

    const committed = async () => {
      const [topic] = await admin.fetchOffsets({ groupId: `${prefix}.copy`, topics: [topics.copies.name] })
      return topic?.partitions[0]?.metadata
    }
    return {
      write,
      writeFindings,
      deleteBefore,
      writeUnreadable,
      open,
      committed,
      close: () => writer.close(),
    }
  }

  /** A member whose first cut is stored, and which hears of it when `release` is called. */
  async function storedUnanswered({ open }: Pick<Awaited<ReturnType<typeof stage>>, 'open'>, store: Store) {
    let release = () => {}
    const unanswered = new Promise<void>((resolve) => {
      release = resolve
    })
    const { feed, partition } = await open(async (batch) => {
      store.insert(batch)
      await unanswered
    })
    await feed()
    await vi.waitFor(() => {
      partition.tick()
      expect(store.tokens).toHaveLength(1)
    }, patience)
    return { release: () => release() }
  }

  it('whose cut was stored and not acknowledged is cut alike by who takes it over', async () => {
    const { write, open, committed, close } = await stage()
    const store = new Store()
    await write(0, 50)
    const { release } = await storedUnanswered({ open }, store)
    await write(50, 90)
    const second = await open(async (batch) => store.insert(batch))
    await second.feed()
    await vi.waitFor(() => {
      second.partition.tick()
      expect(store.tokens).toHaveLength(3)
    }, patience)
    expect(store.paths).toEqual(pathsOf(0, 90))
    expect(store.tokens[1]).toBe(store.tokens[0])
    // What is stored is noted at last, so that nobody inserts it again.
    await vi.waitFor(async () => expect(await committed()).toBe('{"version":1}'), patience)
    const third = await open(async (batch) => store.insert(batch))
    await third.feed()
    await sleep(1100)
    third.partition.tick()
    release()
    await close()
    expect(store.tokens).toHaveLength(3)
  }, 120_000)

  it('that slept while another took it over inserts nothing when it wakes', async () => {
    const { write, open, close } = await stage()
    const store = new Store()
    await write(0, 20)
    let tries = 0
    const sleeper = await open(async () => {
      tries++
      throw new AnalyticsError('unreachable', 'it is away')
    })
    await sleeper.feed()
    await vi.waitFor(() => {
      sleeper.partition.tick()
      expect(tries).toBe(1)
    }, patience)
    const other = await open(async (batch) => store.insert(batch))
    await other.feed()
    await vi.waitFor(() => expect(store.paths).toEqual(pathsOf(0, 20)), patience)
    await vi.waitFor(() => expect(sleeper.failures[0]).toBeInstanceOf(FencedError), patience)
    await close()
    expect(tries).toBe(1)
  }, 120_000)

  it('whose rows are refused says which, and goes on', async () => {
    const { write, open, close } = await stage()
    const store = new Store()
    await write(0, 10)
    let isAway = true
    const { partition, feed } = await open(async (batch) => {
      if (isAway) throw new AnalyticsError('refused', 'no such column')
      store.insert(batch)
    })
    await feed()
    await vi.waitFor(() => {
      partition.tick()
      expect(skipped.rows).toBe(10)
    }, patience)
    isAway = false
    await skipped.flush()
    expect(JSON.parse(readFileSync(skipped.path, 'utf8'))).toMatchObject({
      table: 'events',
      source: 'gateway',
      partition: 't:0',
      first: 0,
      last: 9,
      reason: 'refused',
    })
    await write(10, 30)
    await feed()
    await vi.waitFor(() => {
      partition.tick()
      expect(store.paths).toEqual(pathsOf(10, 30))
    }, patience)
    await close()
  }, 120_000)

  it('whose rows no source has keeps them when they are refused', async () => {
    const { writeFindings, open, committed, close } = await stage()
    await writeFindings()
    const { partition, feed } = await open(async () => {
      throw new AnalyticsError('refused', 'no such column')
    })
    await feed()
    await vi.waitFor(async () => {
      partition.tick()
      expect(await keptBatches(keptFolder(folder))).toHaveLength(1)
      expect(await committed()).toBe('{"version":1}')
    }, patience)
    await close()
  }, 120_000)

  it('stops before what it can not read, and stores what lies before that', async () => {
    const { write, writeUnreadable, open, close } = await stage()
    const store = new Store()
    await write(0, 20)
    await writeUnreadable()
    await write(20, 30)
    const { partition, failures, feed } = await open(async (batch) => store.insert(batch))
    await feed()
    expect([...partition.reading]).toEqual([])
    expect(partition.notReady).toContain('version 9')
    await vi.waitFor(() => {
      partition.tick()
      expect(store.paths).toEqual(pathsOf(0, 20))
    }, patience)
    expect(failures).toEqual([])
    await close()
  }, 120_000)

  it('reads no more while two cuts wait, and then goes on where it stopped', async () => {
    const { write, open, close } = await stage()
    const store = new Store()
    let isAway = true
    const { partition, feed } = await open(async (batch) => {
      if (isAway) throw new AnalyticsError('busy', 'too many parts')
      store.insert(batch)
    })
    const [[topic, start]] = [...partition.reading] as [[string, number]]
    await write(0, 72_000, 8000)
    await feed()
    expect([...partition.reading]).toEqual([])
    isAway = false
    await vi.waitFor(() => {
      partition.tick()
      expect(partition.reading.get(topic)).toBeGreaterThan(start)
    }, patience)
    await vi.waitFor(async () => {
      partition.tick()
      await feed()
      expect(store.paths).toEqual(pathsOf(0, 72_000))
    }, patience)
    await close()
  }, 120_000)

  it('whose noted cut lost its beginning to retention is not inserted again, but set aside', async () => {
    const { write, deleteBefore, open, committed, close } = await stage()
    const store = new Store()
    await write(0, 50)
    const { release } = await storedUnanswered({ open }, store)
    const before = skipped.rows
    await deleteBefore(3)
    await write(50, 70)
    const second = await open(async (batch) => store.insert(batch))
    await second.feed()
    await vi.waitFor(() => {
      second.partition.tick()
      expect(store.tokens).toHaveLength(2)
    }, patience)
    expect(store.paths).toEqual(pathsOf(0, 70))
    // Of each message one offset is its transaction's: two of five are left.
    expect(skipped.rows - before).toBe(30)
    await vi.waitFor(async () => expect(await committed()).toBe('{"version":1}'), patience)
    release()
    await close()
  }, 120_000)
})
