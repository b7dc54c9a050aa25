import { Buffer } from 'node:buffer'
import { describe, expect, test } from 'vitest'
import type { RawRecord } from '../../core/ports/source.ts'
import { openFormat } from '../../ingest/formats/format-options.ts'
import { type LaneOptions, PartitionLane } from './partition-lane.ts'

const minute = 60_000
const hour = 60 * minute
const now = Date.parse('2026-03-10T12:00:00Z')
const in2100 = Date.parse('2100-01-01T00:00:00Z')

function laneAt(options: Partial<LaneOptions> = {}): PartitionLane {
  return new PartitionLane({
    source: 'gateway',
    partition: 'access.log',
    latenessMs: 30_000,
    format: 'canonical',
    open: (format) => openFormat(format, {}),
    pseudonymise: (account) => account,
    pseudonymisePrincipals: false,
    trustsMarks: () => false,
    ...options,
  })
}

/** Offset is the index. */
function records(times: readonly number[], more: Partial<RawRecord> = {}, line: object = {}): RawRecord[] {
  return times.map((time, offset) => {
    const bytes = Buffer.from(JSON.stringify({ time: new Date(time).toISOString(), path: '/', ...line }))
    return { bytes, start: 0, end: bytes.length, offset, ...more }
  })
}

const clock = { now: () => now }

describe('live', () => {
  test('what lies ahead of the clock of the collector is refused, and nothing is held', () => {
    const lane = laneAt({ clock })
    const accepted = lane.take(records([in2100, now - minute, now + 4 * minute, now + 6 * minute, 0]), 5)
    expect(accepted.map(({ offset }) => offset)).toEqual([1, 2, 4])
    expect(lane.position).toBe(5)
    const letters = lane.report().deadLetters
    expect(letters.map(({ reason, position }) => [position.offset, reason])).toEqual([
      [0, 'time_ahead'],
      [3, 'time_ahead'],
    ])
    expect(letters[0]?.detail).toBe(
      'time 2100-01-01T00:00:00.000Z lies over 5 min ahead of its receipt at 2026-03-10T12:00:00.000Z: check the clocks of both machines',
    )
  })

  test('the transport knows better than the clock when a record was received, the line does not', () => {
    const lane = laneAt({ clock })
    const received = now - hour
    expect(lane.take(records([now - minute], { received }), 1)).toEqual([])
    expect(lane.take(records([in2100], {}, { received: '2100-01-01T00:00:00Z' }), 1)).toEqual([])
    expect(lane.refused).toBe(2)
  })

  test('a line of today in the backlog of yesterday is judged, and moves no time', () => {
    const lane = laneAt({ clock })
    const backlog = Array.from({ length: 100 }, (_, index) => now - 24 * hour + index * 1000)
    const accepted = lane.take(records(backlog.toSpliced(50, 0, now)), 101)
    expect(accepted).toHaveLength(101)
    expect(accepted[50]?.event.time).toBe(now)
    expect(Math.max(...accepted.map(({ time }) => time))).toBeLessThanOrEqual(now - 23 * hour)
  })

  test('restarted from its gate it goes on with the same time', () => {
    const lane = laneAt({ clock })
    lane.take(records(Array.from({ length: 50 }, (_, index) => now - 24 * hour + index * 1000)), 50)
    const restarted = laneAt({ clock, gate: lane.gate.snapshot(), from: lane.position })
    expect(restarted.position).toBe(50)
    expect(restarted.take(records([now]), 51).map(({ time }) => time)).toEqual([now - 24 * hour + 42_000])
  })
})

test('events live until the next batch, which uses them again; what is held is kept apart', () => {
  const lane = laneAt({ clock })
  const [first] = lane.take(records([now], {}, { path: '/first', token: { aud: ['a'] } }), 1)
  expect(first?.event).toMatchObject({ path: '/first', 'token.aud': ['a'] })
  const [second] = lane.take(records([now], {}, { path: '/second' }), 2)
  expect(second).toBe(first)
  expect(second?.event).toMatchObject({ path: '/second', 'token.aud': undefined })

  const recorded = laneAt()
  const times = Array.from({ length: 20 }, (_, index) => now + index * 1000)
  for (const path of ['/one', '/two']) expect(recorded.take(records(times, {}, { path }), 20)).toEqual([])
  const paths = recorded.settle().map(({ event }) => event.path)
  expect(new Set(paths.slice(0, 20))).toEqual(new Set(['/one']))
  expect(new Set(paths.slice(20))).toEqual(new Set(['/two']))
})

describe('a recording', () => {
  const times = Array.from({ length: 50 }, (_, index) => now + index * 1000)

  test('is held until its lines agree; the position stays before what is held', () => {
    const lane = laneAt()
    expect(lane.take(records([in2100, ...times]), 51)).toEqual([])
    expect(lane.position).toBe(0)
    const accepted = lane.settle()
    expect(accepted.map(({ event }) => event.time)).toEqual(times)
    expect(accepted.map(({ time }) => time).slice(0, 42)).toEqual(times.slice(0, 42))
    expect(accepted.at(-1)?.time, 'the last events are unconfirmed').toBe(now + 41_000)
    expect(lane.position).toBe(51)
    expect(lane.report().deadLetters).toMatchObject([{ reason: 'time_step', position: { offset: 0 } }])
  })
})
