import { Buffer } from 'node:buffer'
import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { EventRecord } from '../../core/event/event-record.ts'
import type { Source, SourceBatch } from '../../core/ports/source.ts'
import { canonicalParser } from '../../ingest/formats/canonical/canonical-parser.ts'
import { openFormat } from '../../ingest/formats/format-options.ts'
import { LineSplitter } from '../../ingest/sources/lines/line-splitter.ts'
import { intake } from './intake.ts'
import { PartitionLane } from './partition-lane.ts'

const start = Date.parse('2026-03-10T12:00:00Z')
const hour = 3_600_000
const partitions = ['a', 'b', 'c']
const linesEach = 4000
const chunkBytes = 8192

/** Lines that the time gate holds for long, that differ in which fields they have, and that are no events between. */
function lineOf(partition: string, index: number): string {
  if (index % 11 === 3) return `{"time":"2026-03-10T12:00:00Z","path":"/broken/${index}"`
  if (index % 13 === 5) return '   '
  const isFar = index % 500 === 499 || (index > 2000 && index < 2400)
  const time = new Date(start + index * 1000 + (isFar ? 40 * hour : 0)).toISOString()
  const user = `${partition}-user-${index % 700}`
  return JSON.stringify({
    time,
    ...(index % 2 === 0 && { path: `/${partition}/${index}`, status: 200 + (index % 3) }),
    ...(index % 3 === 0 && { principal: { id: user, roles: [user, 'x'] } }),
    ...(index % 5 === 0 && { 'token.aud': [user], 'client.user_agent': `é ${user}` }),
    ...(index % 7 === 0 && { id: index, 'client.ip': `10.0.0.${index % 200}` }),
  })
}

/** Batches as a file gives them: each lies in the one chunk, which is written over as soon as the next is asked for. */
async function* read(partition: string, bytes: Buffer): AsyncGenerator<SourceBatch> {
  yield { kind: 'opened', partition }
  const splitter = new LineSplitter(0)
  const chunk = Buffer.alloc(chunkBytes)
  for (let from = 0; from < bytes.length; from += chunkBytes) {
    const length = bytes.copy(chunk, 0, from)
    await setImmediate()
    const records = splitter.push(chunk.subarray(0, length))
    if (records.length > 0) yield { kind: 'records', partition, records, next: splitter.next }
    chunk.fill('"}\n{"status":999,'.repeat(chunkBytes / 16))
  }
  yield { kind: 'ended', partition }
}

function parsed(line: string): object | undefined {
  const event = new EventRecord()
  return canonicalParser()(Buffer.from(line), event) === 'event' ? { ...event } : undefined
}

test.each([false, true])(
  'held events, merged ones and ones of reused chunks tell what their lines tell (whole batches: %s)',
  async (inBatches) => {
    const decode = openFormat('canonical')
    const expected = new Map<string, object>()
    const streams = partitions.map((partition) => {
      let offset = 0
      const lines = Array.from({ length: linesEach }, (_, index) => lineOf(partition, index))
      for (const line of lines) {
        const event = parsed(line)
        if (event) expected.set(`${partition}:${offset}`, event)
        offset += Buffer.byteLength(line) + 1
      }
      return read(partition, Buffer.from(`${lines.join('\n')}\n`))
    })
    const source = { id: 'file', read: () => streams[0], partitions: () => streams } as unknown as Source
    const lanes = new Map(partitions.map((partition) => [partition, laneOf(partition)]))
    const feed = { source, laneOf: (name: string) => lanes.get(name) as PartitionLane }
    let refusals = 0
    for await (const { items, news } of intake([feed], new Map(), new AbortController().signal, {
      inBatches,
    })) {
      for (const [index, { event, offset, lane }] of items.entries()) {
        // Whoever judges may wait, and others decode meanwhile.
        if (index % 64 === 0) await setImmediate()
        const key = `${lane.partition}:${offset}`
        expect({ ...event }).toEqual(expected.get(key))
        expected.delete(key)
      }
      refusals += news?.report.deadLetters.length ?? 0
    }
    const broken = Array.from({ length: linesEach }, (_, index) => index).filter((index) => index % 11 === 3)
    // What is left is what the gate refused.
    expect(refusals).toBe(expected.size + partitions.length * broken.length)
    expect(expected.size).toBeLessThan(partitions.length * 500)

    function laneOf(partition: string): PartitionLane {
      return new PartitionLane({
        source: 'file',
        partition,
        latenessMs: 30_000,
        format: 'canonical',
        open: () => decode,
        pseudonymise: (account) => account,
        pseudonymisePrincipals: false,
        trustsMarks: () => false,
      })
    }
  },
)
