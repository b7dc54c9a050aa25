import { Buffer } from 'node:buffer'
import { expect, test } from 'vitest'
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

function laneOf(partition: string): PartitionLane {
  return new PartitionLane({
    source: 'file',
    partition,
    latenessMs: 30_000,
    format: 'canonical',
    open: (format) => openFormat(format, {}),
    pseudonymise: (account) => account,
    pseudonymisePrincipals: false,
    trustsMarks: () => false,
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
