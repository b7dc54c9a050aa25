import { Buffer } from 'node:buffer'
import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Clock } from '../../core/ports/clock.ts'
import type { Source, SourceBatch } from '../../core/ports/source.ts'
import { openFormat } from '../../ingest/formats/format-options.ts'
import { intake } from './intake.ts'
import { PartitionLane } from './partition-lane.ts'

const now = Date.parse('2026-03-10T12:00:00Z')
const hour = 3_600_000

/** A source of partitions by name, each read in one batch. */
function sourceOf(partitions: Readonly<Record<string, readonly number[]>>) {
  const read = async function* (partition: string, times: readonly number[]): AsyncGenerator<SourceBatch> {
    const records = times.map((time, offset) => {
      const bytes = Buffer.from(JSON.stringify({ time }))
      return { bytes, start: 0, end: bytes.length, offset }
    })
    yield { kind: 'opened', partition }
    yield { kind: 'records', partition, records, next: times.length }
    yield { kind: 'ended', partition }
  }
  const all = () => Object.entries(partitions).map(([name, times]) => read(name, times))
  return {
    id: 'file',
    read: () => all()[0] as AsyncIterable<SourceBatch>,
    partitions: all,
  } satisfies Source & {
    partitions: unknown
  }
}

function laneOf(partition: string, clock?: Clock): PartitionLane {
  return new PartitionLane({
    source: 'file',
    partition,
    latenessMs: 30_000,
    format: 'canonical',
    open: (format) => openFormat(format, {}),
    pseudonymise: (account) => account,
    pseudonymisePrincipals: false,
    trustsMarks: () => false,
    ...(clock && { clock }),
  })
}

test('a line hours ahead does not let the other partitions run on to it', async () => {
  const steady = Array.from({ length: 100 }, (_, index) => now + index * 1000)
  const source = sourceOf({ odd: steady.toSpliced(10, 0, now + 20 * hour), even: steady })
  const lanes = new Map(['odd', 'even'].map((name) => [name, laneOf(name)]))
  const feed = { source, laneOf: (name: string) => lanes.get(name) as PartitionLane }
  const times: number[] = []
  for await (const { items } of intake([feed], new Map(), new AbortController().signal)) {
    times.push(...items.map(({ event }) => event.time))
  }
  expect(times).toHaveLength(201)
  const others = times.filter((time) => time !== now + 20 * hour)
  // The last events of a partition are unconfirmed and come when the last confirmed one does.
  const confirmed = others.slice(0, 180)
  expect(confirmed).toEqual(others.toSorted((left, right) => left - right).slice(0, 180))
})

test.each([false, true])(
  'no event is used again before it was judged (whole batches: %s)',
  async (inBatches) => {
    const partitions = ['a', 'b', 'c']
    const clock = { now: () => now + hour }
    const read = async function* (partition: string, step: number): AsyncGenerator<SourceBatch> {
      yield { kind: 'opened', partition }
      let next = 0
      for (const size of [7, 1, 40, 3, 20]) {
        const records = Array.from({ length: size }, (_, index) => {
          const offset = next + index
          const bytes = Buffer.from(
            JSON.stringify({ time: now + offset * step, path: `/${partition}/${offset}` }),
          )
          return { bytes, start: 0, end: bytes.length, offset }
        })
        next += size
        await setImmediate()
        yield { kind: 'records', partition, records, next }
      }
      yield { kind: 'ended', partition }
    }
    const all = () => partitions.map((partition, index) => read(partition, 100 * (index + 1)))
    const source = { id: 'file', read: () => all()[0] as AsyncIterable<SourceBatch>, partitions: all }
    const lanes = new Map(partitions.map((name) => [name, laneOf(name, clock)]))
    const feed = { source, laneOf: (name: string) => lanes.get(name) as PartitionLane }
    const seen: string[] = []
    for await (const { items } of intake([feed], new Map(), new AbortController().signal, { inBatches })) {
      for (const { event, offset, lane } of items) {
        // Others are decoded meanwhile.
        if (offset % 5 === 0) await setImmediate()
        seen.push(`${event.path}`)
        expect(event.path).toBe(`/${lane.partition}/${offset}`)
      }
    }
    expect(new Set(seen).size).toBe(3 * 71)
  },
)
