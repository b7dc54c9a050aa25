import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { describeKafka } from '../../test/peers/describe-kafka.ts'
import { readGroup } from './group-reader.ts'
import type { PartitionBatch, PartitionWork, WorkOptions } from './partition-work.ts'

describeKafka('a member of a group', (brokers) => {
  const name = `reader-${process.pid}-${Date.now()}`
  const topics = [`${name}-a`, `${name}-b`]
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING })
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
  const stopping: AbortController[] = []
  const reading: Promise<void>[] = []

  beforeAll(async () => {
    const admin = kafka.admin()
    await admin.connect()
    await admin.createTopics({
      waitForLeaders: true,
      topics: topics.map((topic) => ({ topic, numPartitions: 3 })),
    })
    await admin.disconnect()
    await producer.connect()
    for (const topic of topics) {
      const messages = [0, 1, 2].flatMap((partition) => ['x', 'y'].map((value) => ({ value, partition })))
      await producer.send({ topic, messages })
    }
  })
  afterAll(async () => {
    for (const stop of stopping) stop.abort()
    await Promise.all(reading)
    await producer.disconnect()
  })

  /** Reads the first topic of its place to its second message, then the other one; fails at a message that says so. */
  class InTurns implements PartitionWork {
    readonly read: string[] = []
    readonly #options: WorkOptions
    readonly #next = new Map(topics.map((topic) => [topic, 0]))
    isClosed = false
    constructor(options: WorkOptions) {
      this.#options = options
    }
    get reading(): ReadonlyMap<string, number> {
      const [first = '', second = ''] = topics
      const topic = (this.#next.get(first) ?? 0) < 2 ? first : second
      return new Map([[topic, this.#next.get(topic) ?? 0]])
    }
    async take({ topic, messages, next }: PartitionBatch): Promise<void> {
      for (const { value } of messages) {
        if (String(value) === 'fail') this.#options.fail(new Error('told to'))
        this.read.push(`${topic.slice(name.length + 1)}${value}`)
      }
      this.#next.set(topic, next)
    }
    tick(): void {}
    async close(): Promise<void> {
      this.isClosed = true
    }
  }

  function join(): {
    readonly works: Map<string, InTurns[]>
    open(): string[]
    stop(): void
    notices: string[]
  } {
    const works = new Map<string, InTurns[]>()
    const notices: string[] = []
    const stop = new AbortController()
    stopping.push(stop)
    reading.push(
      readGroup({
        kafka,
        group: name,
        topics,
        sessionMs: 10_000,
        signal: stop.signal,
        onNotice: (notice) => notices.push(notice),
        placeOf: (_topic, partition) => String(partition),
        open: async (options) => {
          const work = new InTurns(options)
          works.set(options.place.id, [...(works.get(options.place.id) ?? []), work])
          return work
        },
      }),
    )
    const open = () =>
      [...works]
        .filter(([, all]) => !all.at(-1)?.isClosed)
        .map(([place]) => place)
        .sort()
    return { works, open, stop: () => stop.abort(), notices }
  }

  it('works on whole places, gives some to who joins and takes them when that goes', async () => {
    const first = join()
    await vi.waitFor(() => expect(first.open()).toEqual(['0', '1', '2']), { timeout: 20_000 })
    await vi.waitFor(() => expect(first.works.get('1')?.[0]?.read).toEqual(['ax', 'ay', 'bx', 'by']), {
      timeout: 20_000,
    })
    const second = join()
    await vi.waitFor(() => expect([first.open().length, second.open().length]).toEqual([2, 1]), {
      timeout: 20_000,
    })
    expect([...first.open(), ...second.open()].sort()).toEqual(['0', '1', '2'])
    const [place = '', other = ''] = first.open()
    const works = () => first.works.get(place) ?? []
    const kept = works()[0]
    second.stop()
    await vi.waitFor(() => expect(first.open()).toEqual(['0', '1', '2']), { timeout: 20_000 })
    // What stays is not opened again.
    expect(works()).toEqual([kept])
    expect(kept?.isClosed).toBe(false)
    // A group that the broker is still loading is nothing of ours.
    expect(first.notices.filter((notice) => notice.includes('anew'))).toEqual([])

    await producer.send({ topic: topics[1] ?? '', messages: [{ value: 'fail', partition: Number(place) }] })
    // It reads everything again, and so fails again: each time from the beginning.
    await vi.waitFor(() => expect(works().length).toBeGreaterThan(2), { timeout: 20_000 })
    expect(kept?.isClosed).toBe(true)
    expect(works()[1]?.read.slice(0, 4)).toEqual(['ax', 'ay', 'bx', 'by'])
    expect(first.notices).toContain(`${place}: told to; it begins anew from what was committed`)
    expect(first.works.get(other)).toHaveLength(1)
  }, 90_000)
})
