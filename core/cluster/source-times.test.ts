import { expect, it } from 'vitest'
import type { SourceMarker } from './observation.ts'
import { type ExpectedInputs, type ExpectedTopic, SourceTimes, snapshotPositions } from './source-times.ts'

/** Topics that are there, and which of them are gone by now. */
function inputs(topics: readonly string[], gone: readonly string[] = []): ExpectedInputs {
  const isTaken = ({ source, topic }: ExpectedTopic) => source === 'kafka' && topics.includes(topic)
  return {
    topics: topics.filter((topic) => !gone.includes(topic)).map((topic) => ({ source: 'kafka', topic })),
    heardOf: isTaken,
    isGone: (topic) => !isTaken(topic) || gone.includes(topic.topic),
  }
}

const gateway = inputs(['gateway'])
const at = (partition: number, time: number, more: Partial<SourceMarker> = {}): SourceMarker => ({
  source: 'kafka',
  partition: `gateway:${partition}`,
  siblings: 2,
  position: time,
  time,
  greatest: time,
  latenessMs: 10,
  isIdle: false,
  records: 0,
  refused: 0,
  waiting: 0,
  ...more,
})

it('stands still until every partition of every topic was heard of', () => {
  const times = new SourceTimes(inputs(['gateway', 'service']))
  times.take(at(0, 1000))
  times.take(at(1, 2000))
  expect(times.value()).toBe(Number.NEGATIVE_INFINITY)
  times.take(at(0, 1500, { partition: 'service:0', siblings: 1 }))
  expect(times.value()).toBe(990)
})

it('is the minimum of partitions that are not idle, and never goes back', () => {
  const times = new SourceTimes(gateway)
  times.take(at(0, 1000))
  times.take(at(1, 500))
  expect(times.value()).toBe(490)
  times.take(at(1, 500, { isIdle: true }))
  expect(times.value()).toBe(990)
  times.take(at(1, 600))
  expect(times.value()).toBe(990)
  times.take(at(0, 1000, { isIdle: true }))
  times.take(at(1, 600, { isIdle: true }))
  expect(times.isIdle).toBe(true)
  expect(times.value()).toBe(990)
})

it('stands still again when a topic grows, until the new partition is heard of', () => {
  const times = new SourceTimes(gateway)
  for (const partition of [0, 1]) times.take(at(partition, 1000))
  expect(times.value()).toBe(990)
  times.take(at(0, 9000, { siblings: 3 }))
  times.take(at(1, 9000, { siblings: 3 }))
  expect(times.value()).toBe(990)
  times.take(at(2, 8000, { siblings: 3 }))
  expect(times.value()).toBe(7990)
})

it('goes on from its snapshot, without sources that are gone', () => {
  const times = new SourceTimes({ ...gateway, heardOf: () => true })
  for (const partition of [0, 1]) times.take(at(partition, 1000 + partition))
  times.take(at(0, 5, { source: 'old', siblings: 1, time: Number.NEGATIVE_INFINITY }))
  const again = new SourceTimes(gateway)
  again.restore(times.snapshot())
  expect(again.value()).toBe(990)
  expect(again.greatest).toBe(1001)
  expect([...again.positions]).toEqual([
    ['kafka\u0000gateway:0', 1000],
    ['kafka\u0000gateway:1', 1001],
  ])
  expect(again.take(at(0, 9000, { source: 'old' }))).toBe(false)
})

it('stands still between a part of a slice and its marker, over a restart too, but not for ever', () => {
  const [first, second] = ['kafka\u0000gateway:0', 'kafka\u0000gateway:1']
  const times = new SourceTimes(gateway)
  times.take(at(0, 1000, { isIdle: true }))
  times.take(at(1, 1000))
  expect(times.value()).toBe(990)
  times.began(first, true)
  times.began(first, false)
  times.take(at(1, 2000))
  const again = new SourceTimes(gateway)
  again.restore(times.snapshot())
  for (const one of [times, again]) {
    expect(one.value()).toBe(990)
    expect([one.isIdle, one.isPartLate(first), one.isPartLate(second)]).toEqual([false, true, false])
  }
  times.take(at(0, 3000))
  expect([times.isPartLate(first), times.value()]).toEqual([false, 1990])
  for (let asked = 0; asked < 300; asked++) again.value()
  expect(again.value()).toBe(1990)
})

it('waits no longer for a marker that was deleted, and still knows that its slice was late', () => {
  const first = 'kafka\u0000gateway:0'
  const times = new SourceTimes(gateway)
  for (const partition of [0, 1]) times.take(at(partition, 1000, { isIdle: true }))
  times.began(first, true)
  times.readTo(7, 9)
  times.readTo(8, 20)
  const again = new SourceTimes(gateway)
  again.restore(times.snapshot())
  expect([times.isIdle, again.isIdle]).toEqual([false, false])
  // Its marker was before the end as it was then, and what is read on begins behind that.
  times.readTo(12, 20)
  again.readTo(20, 20)
  for (const one of [times, again]) expect([one.isIdle, one.isPartLate(first)]).toEqual([true, true])
  times.began(first, false)
  expect([times.isIdle, times.isPartLate(first)]).toEqual([false, true])
  times.take(at(0, 3000, { isIdle: true }))
  expect([times.isIdle, times.isPartLate(first)]).toEqual([true, false])
})

it('tells the positions of a snapshot, whatever is configured by now', () => {
  const times = new SourceTimes(gateway)
  times.take(at(0, 1000))
  expect(snapshotPositions(times.snapshot())).toEqual(times.positions)
  expect(times.positionOf('kafka\u0000gateway:0')).toBe(1000)
  expect(times.positionOf('kafka\u0000gateway:1')).toBe(0)
})

it('lets go of a topic that is gone, and still knows how far its events went', () => {
  const gone: string[] = []
  const both = ['gateway', 'service']
  const times = new SourceTimes({
    heardOf: () => true,
    isGone: ({ topic }) => gone.includes(topic),
    get topics() {
      return inputs(both, gone).topics
    },
  })
  times.take(at(0, 500, { partition: 'service:0', siblings: 1, greatest: 7000 }))
  for (const partition of [0, 1]) times.take(at(partition, 2000))
  times.forgetGone()
  expect(times.value()).toBe(490)
  gone.push('service')
  times.forgetGone()
  expect(times.value()).toBe(1990)
  expect([...times.positions.keys()]).toEqual(['kafka\u0000gateway:0', 'kafka\u0000gateway:1'])
  expect(times.isGone('kafka\u0000service:0')).toBe(true)
  // It may have been taken for gone by mistake.
  const position = at(0, 500).position
  expect(times.positionOf('kafka\u0000service:0')).toBe(position)
  const again = new SourceTimes(gateway)
  again.restore(times.snapshot())
  expect([times.greatest, again.greatest]).toEqual([7000, 7000])
  expect(again.positionOf('kafka\u0000service:0')).toBe(position)
})
