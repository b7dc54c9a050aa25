import { expect, it } from 'vitest'
import type { PartitionLane } from './partition-lane.ts'
import { Recorder } from './recorder.ts'

const minute = 60_000
const at = 100 * minute

function begun(): Recorder {
  const recorder = new Recorder()
  recorder.begin(new Map([['a', 5]]), at, { manifest: 'm1:0', sources: 's1:0' })
  recorder.drain(new Map([['a', 5]]), at)
  return recorder
}

it('begins with where the last commit stood, then what is in force, and gives its texts once', () => {
  const recorder = new Recorder()
  const snapshots = [{ digest: 'm1:0', text: '{}' }]
  recorder.begin(new Map([['a', 5]]), Number.NEGATIVE_INFINITY, {
    manifest: 'm1:0',
    sources: 's1:0',
    snapshots,
  })
  expect(recorder.drain(new Map([['a', 5]]), at)).toEqual({
    control: [
      { kind: 'cut', at: 0, positions: [['a', 5]] },
      { kind: 'manifest', at: 0, digest: 'm1:0', sources: 's1:0' },
      // Nothing was sealed before, so this is the first place.
      { kind: 'cut', at, positions: [] },
    ],
    snapshots,
  })
  expect(recorder.drain(new Map([['a', 5]]), at)).toEqual({ control: [], snapshots: [] })
})

it('notes what is in force once a day again where it is asked, for a log that forgets by age', () => {
  const recorder = begun()
  const day = 24 * 60 * minute
  const told = [0, day - 1, day, day + 1, 2 * day].map((after) => recorder.noteAgain(7 + after, at))
  expect(told).toEqual([false, false, true, false, true])
  const again = { kind: 'manifest', at, digest: 'm1:0', sources: 's1:0' }
  expect(recorder.drain(new Map([['a', 5]]), at).control).toEqual([again, again])
})

it('says where things stand once a minute of event time, and only what moved', () => {
  const recorder = begun()
  expect(recorder.drain(new Map([['a', 9]]), at + minute - 1).control).toEqual([])
  const moved = new Map([
    ['a', 9],
    ['b', 2],
  ])
  expect(recorder.drain(moved, at + minute).control).toEqual([
    { kind: 'cut', at: at + minute, positions: [...moved] },
  ])
  expect(recorder.drain(new Map([...moved, ['b', 3]]), at + 2 * minute).control).toEqual([
    { kind: 'cut', at: at + 2 * minute, positions: [['b', 3]] },
  ])
})

const one = (partition: string, from: number) => ({ partition, from, to: from + 1 })

it('keeps late events as one range for a partition and watermark, however many there are', () => {
  const recorder = begun()
  for (let offset = 0; offset < 1000; offset += 10) recorder.late(one('a', offset), at)
  recorder.late(one('b', 3), at)
  recorder.late(one('a', 1200), at + 1)
  expect(recorder.drain(new Map(), at).control).toEqual([
    { kind: 'late', at, partition: 'a', from: 0, to: 991 },
    { kind: 'late', at, partition: 'b', from: 3, to: 4 },
    { kind: 'late', at: at + 1, partition: 'a', from: 1200, to: 1201 },
  ])
})

it('joins what the same instant of the clock refused, and what had no format where nothing lies between', () => {
  const recorder = begun()
  recorder.refused('a', [{ from: 1, to: 2, received: 7 }], at)
  recorder.refused('a', [{ from: 5, to: 6, received: 7 }], at)
  recorder.refused('a', [{ from: 8, to: 9, received: 9 }], at)
  recorder.refused('b', [{ from: 0, to: 4 }], at)
  recorder.refused('b', [{ from: 4, to: 6 }], at)
  recorder.refused('b', [{ from: 8, to: 9 }], at)
  expect(recorder.drain(new Map(), at).control).toEqual([
    { kind: 'refused-range', at, partition: 'a', from: 1, to: 6, received: 7 },
    { kind: 'refused-range', at, partition: 'a', from: 8, to: 9, received: 9 },
    { kind: 'refused-range', at, partition: 'b', from: 0, to: 6 },
    { kind: 'refused-range', at, partition: 'b', from: 8, to: 9 },
  ])
})

it('tells of a partition when it gives again after it was idle', () => {
  const recorder = begun()
  const lane = { key: 'a' } as PartitionLane
  const event = (offset: number) => ({ time: at, offset, event: { time: at }, lane })
  recorder.taken(event(5), at)
  recorder.taken(event(6), at)
  recorder.idle('a', at + 1)
  recorder.taken(event(7), at + 2)
  expect(recorder.drain(new Map(), at).control).toEqual([
    { kind: 'source-active', at, partition: 'a', from: 5 },
    { kind: 'source-idle', at: at + 1, partition: 'a' },
    { kind: 'source-active', at: at + 2, partition: 'a', from: 7 },
  ])
})

it('joins what was lost where it is one stretch', () => {
  const recorder = begun()
  for (const from of [3, 4, 7]) recorder.lost(one('a', from), 'gone', at)
  recorder.lost(one('a', 8), 'torn', at)
  expect(recorder.entries()).toEqual([
    { kind: 'lost-range', at, partition: 'a', from: 3, to: 5, why: 'gone' },
    { kind: 'lost-range', at, partition: 'a', from: 7, to: 8, why: 'gone' },
    { kind: 'lost-range', at, partition: 'a', from: 8, to: 9, why: 'torn' },
  ])
})

it('says nothing of where things stand before there is a time', () => {
  const recorder = new Recorder()
  recorder.begin(new Map(), Number.NEGATIVE_INFINITY, { manifest: 'm1:0' })
  recorder.entries()
  expect(recorder.drain(new Map([['a', 5]]), Number.NEGATIVE_INFINITY).control).toEqual([])
  expect(recorder.drain(new Map([['a', 9]]), at).control).toEqual([
    { kind: 'cut', at, positions: [['a', 9]] },
  ])
})
