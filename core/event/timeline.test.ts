import { describe, expect, test } from 'vitest'
import { inARow, Timeline } from './timeline.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const now = Date.parse('2026-03-10T12:00:00Z')

/** A timeline that followed an event a second up to `at`, as a replay gives them. */
function standing(at = now): Timeline {
  const timeline = new Timeline()
  for (let index = 99; index >= 0; index--) timeline.follow(at - index * 1000)
  return timeline
}

describe('without the clock of the collector', () => {
  test('time has come to what each of the last nine events reached', () => {
    const timeline = new Timeline()
    for (let index = 0; index < inARow - 1; index++) timeline.follow(now + index * 1000)
    expect(timeline.reached).toBe(Number.NEGATIVE_INFINITY)
    timeline.follow(now + 8000)
    expect(timeline.reached).toBe(now)
    timeline.follow(now + 9000)
    expect(timeline.reached).toBe(now + 1000)
  })

  test.each([1000, 5 * minute, hour, 23 * hour])(
    'eight events %d ms ahead move nothing, nine do',
    (ahead) => {
      const timeline = standing()
      for (let index = 0; index < inARow - 1; index++) timeline.follow(now + ahead)
      expect(timeline.reached).toBeLessThanOrEqual(now)
      timeline.follow(now + ahead)
      expect(timeline.reached).toBe(now + ahead)
    },
  )

  test('a ramp of wrong times gets no further than a burst', () => {
    const timeline = standing()
    for (let step = 1; step < inARow; step++) timeline.follow(now + step * hour)
    expect(timeline.reached).toBeLessThanOrEqual(now)
  })

  test('stragglers neither count nor hold time up', () => {
    const timeline = standing()
    for (let index = 1; index <= 100; index++) {
      timeline.follow(now - 3 * hour)
      timeline.follow(now + index * 1000)
    }
    expect(timeline.reached).toBe(now + 92_000)
  })

  test('of two clocks that take turns it goes by the one behind', () => {
    const timeline = new Timeline()
    for (let index = 0; index < 100; index++) {
      timeline.follow(now + index * 1000)
      timeline.follow(now + 5 * hour + index * 1000)
    }
    expect(timeline.reached).toBeGreaterThan(now + 80_000)
    expect(timeline.reached).toBeLessThan(now + 100_000)
  })

  test('a pause of the log is believed after nine events', () => {
    const timeline = standing()
    for (let index = 0; index < inARow; index++) timeline.follow(now + 10 * hour + index * 1000)
    expect(timeline.reached).toBe(now + 10 * hour)
  })
})

describe('events that were held back together', () => {
  const times = (count: number, start = now) =>
    Array.from({ length: count }, (_, index) => start + index * 1000)

  test('each has come as far as all that follow allow; the last eight are unconfirmed', () => {
    const reached = new Timeline().followAll(times(20))
    expect(reached.slice(0, 12)).toEqual(times(12))
    expect(new Set(reached.slice(12))).toEqual(new Set([now + 11_000]))
  })

  test('however many wrong ones come first, what follows is not late', () => {
    const wrong = Array.from({ length: 300 }, () => now + 5 * hour)
    const reached = new Timeline().followAll([...wrong, ...times(50)])
    expect(Math.max(...reached.slice(0, 301))).toBe(now)
  })
})

describe('with the clock of the collector', () => {
  /** A timeline that is at the tail of its partition. */
  function live(): Timeline {
    const timeline = new Timeline()
    for (let index = 20; index >= 0; index--) timeline.follow(now - index * 1000, now - index * 1000)
    expect(timeline.reached).toBe(now)
    return timeline
  }

  test('live, each event counts at once, after a night of silence too', () => {
    const timeline = live()
    timeline.follow(now + 9 * hour, now + 9 * hour + 200)
    expect(timeline.reached).toBe(now + 9 * hour)
    timeline.follow(now + 10 * hour, now + 10 * hour)
    expect(timeline.reached).toBe(now + 10 * hour)
  })

  test('a sender ahead of the collector takes time no further than the collector is', () => {
    const timeline = live()
    timeline.follow(now + 5 * minute, now + 1000)
    expect(timeline.reached).toBe(now + 1000)
  })

  test('in a backlog a few events of today move nothing', () => {
    const timeline = new Timeline()
    const start = now - day
    for (let index = 0; index < 100; index++) timeline.follow(start + index * 1000, now)
    for (let index = 0; index < inARow - 1; index++) timeline.follow(now, now)
    expect(timeline.reached).toBeLessThan(start + 100_000)
    for (let index = 100; index < 120; index++) timeline.follow(start + index * 1000, now)
    expect(timeline.reached).toBeGreaterThan(start + 100_000)
    expect(timeline.reached).toBeLessThan(start + 120_000)
  })

  test.each([1000, 2 * minute, hour])('the end of a backlog with %d ms between events is live', (every) => {
    const timeline = new Timeline()
    for (let index = -50; index <= 0; index++) timeline.follow(now + index * every, now)
    for (let index = 1; index <= inARow; index++) {
      timeline.follow(now + index * every, now + index * every)
    }
    expect(timeline.reached).toBe(now + inARow * every)
  })

  test('a pause of the source is the end of a backlog', () => {
    const paused = new Timeline()
    paused.follow(now - 9 * hour, now)
    paused.pause()
    paused.follow(now + minute, now + minute)
    expect(paused.reached).toBe(now + minute)
  })

  test('a delivery that is hours late is a backlog again', () => {
    const timeline = live()
    timeline.pause()
    timeline.follow(now + hour, now + 9 * hour)
    timeline.follow(now + 9 * hour, now + 9 * hour)
    expect(timeline.reached).toBe(now + hour)
  })

  test('an event of 1970 moves nothing', () => {
    const timeline = live()
    for (let index = 0; index < 20; index++) timeline.follow(0, now)
    expect(timeline.reached).toBe(now)
    const beginning = new Timeline()
    beginning.follow(0, now)
    for (let index = 1; index <= inARow; index++) beginning.follow(now + index, now + index)
    expect(beginning.reached).toBe(now + inARow)
  })
})

test('a snapshot goes on where it was taken, and a restart reads a backlog first', () => {
  const timeline = standing()
  timeline.follow(now + hour)
  const copy = new Timeline()
  copy.restore(JSON.parse(JSON.stringify(timeline.snapshot())))
  for (const both of [timeline, copy]) for (let index = 0; index < 8; index++) both.follow(now + 2 * hour)
  expect(copy.reached).toBe(timeline.reached)
  expect(copy.reached).toBe(now + hour)

  const live = new Timeline()
  live.pause()
  live.follow(now, now)
  copy.restore(live.snapshot())
  copy.follow(now + hour, now + hour)
  expect(copy.reached).toBe(now)
})

test.each([
  {},
  { greatest: '1' },
  { greatest: 1, recent: [null] },
  { greatest: 1, recent: Array(10).fill(1) },
])('refuses %j as a snapshot', (other) => {
  expect(() => new Timeline().restore(other)).toThrow(RangeError)
})
