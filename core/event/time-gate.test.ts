import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Timed, TimeGate } from './time-gate.ts'

const hour = 3_600_000
const day = 24 * hour
const now = Date.parse('2026-03-10T12:00:00Z')
const in2100 = Date.parse('2100-01-01T00:00:00Z')

interface Outcome {
  readonly accepted: number[]
  readonly time_step: number[]
  readonly time_ahead: number[]
}

/** Offsets by fate. Offset is the index. */
function run(events: readonly (number | Omit<Timed, 'offset'>)[], gate = new TimeGate<Timed>()): Outcome {
  const outcome: Outcome = { accepted: [], time_step: [], time_ahead: [] }
  const note = ({ accepted, refused }: ReturnType<TimeGate<Timed>['end']>) => {
    outcome.accepted.push(...accepted.map((item) => item.offset))
    for (const { item, reason } of refused) outcome[reason].push(item.offset)
  }
  for (const [offset, event] of events.entries()) {
    const item = typeof event === 'number' ? { time: event, offset } : { ...event, offset }
    if (gate.admits(item.time, item.received)) outcome.accepted.push(offset)
    else note(gate.offer(item))
    if (gate.heldFrom !== undefined) expect(Math.max(-1, ...outcome.accepted)).toBeLessThan(gate.heldFrom)
  }
  note(gate.end())
  expect(gate.heldFrom).toBeUndefined()
  return outcome
}

const steady = (count: number, start = now, everyMs = 1000) =>
  Array.from({ length: count }, (_, index) => start + index * everyMs)
const upTo = (count: number, from = 0) => Array.from({ length: count - from }, (_, index) => from + index)

describe('TimeGate without a received time', () => {
  test('accepts an ordinary log, in order', () => {
    expect(run(steady(100))).toEqual({ accepted: upTo(100), time_step: [], time_ahead: [] })
  })

  test('accepts a log that is shorter than the confirmations, at its end', () => {
    expect(run(steady(3)).accepted).toEqual([0, 1, 2])
    expect(run([now]).accepted).toEqual([0])
  })

  test.each([
    ['2100', in2100],
    ['1970', 0],
  ])('refuses a first event in %s, whether few or many lines follow', (_name, odd) => {
    for (const count of [2, 8, 9, 100]) {
      expect(run([odd, ...steady(count)])).toMatchObject({ accepted: upTo(count + 1, 1), time_step: [0] })
    }
  })

  test.each([
    ['2100', in2100],
    ['1970', 0],
  ])('refuses one in %s in between', (_name, odd) => {
    const outcome = run([...steady(20), odd, odd, ...steady(5, now + 20_000)])
    expect(outcome).toMatchObject({ accepted: [...upTo(20), ...upTo(27, 22)], time_step: [20, 21] })
  })

  test('a last line in 2100 comes through, one in 1970 does not', () => {
    expect(run([...steady(20), in2100]).accepted).toContain(20)
    expect(run([...steady(20), 0]).time_step).toEqual([20])
  })

  test('a single wrong last line does not take the lines before it along', () => {
    expect(run([...steady(5), 0])).toMatchObject({ accepted: upTo(5), time_step: [5] })
    const weekend = steady(4, now + 3 * day)
    expect(run([...steady(20), ...weekend, 0])).toMatchObject({ accepted: upTo(24), time_step: [24] })
    expect(run([...steady(20), in2100, ...weekend])).toMatchObject({ time_step: [20] })
  })

  test('a pause of days is confirmed by sixty-four further lines, which come out in order', () => {
    const gate = new TimeGate<Timed>()
    run(steady(20), gate)
    for (const [index, time] of steady(64, now + 3 * day).entries()) {
      expect(gate.admits(time)).toBe(false)
      expect(gate.offer({ time, offset: 20 + index })).toEqual({ accepted: [], refused: [] })
      expect(gate.heldFrom).toBe(20)
    }
    const settled = gate.offer({ time: now + 3 * day + 65_000, offset: 84 })
    expect(settled.accepted.map((item) => item.offset)).toEqual(upTo(85, 20))
    expect(gate.admits(now + 3 * day)).toBe(true)
  })

  test('a clock set back is confirmed as well', () => {
    expect(run([...steady(20), ...steady(65, now - 5 * day)]).accepted).toEqual(upTo(85))
  })

  test('a burst of lines in 2100 does not end a timeline that stands', () => {
    const burst = Array.from({ length: 40 }, () => Date.UTC(2100, 0, 1))
    const { accepted } = run([...steady(100), ...burst, ...steady(100, now + 100_000)])
    expect(accepted).toHaveLength(200)
  })

  test('a few lines before a long pause are the past of the same log, not a wrong clock', () => {
    expect(run([now - 3 * day, ...steady(20)]).accepted).toEqual(upTo(21))
  })

  test.each([4 * hour, 20 * hour, 2 * day, 10 * day])(
    'a log with a line every %d ms comes through',
    (every) => {
      expect(run(steady(60, now, every))).toEqual({ accepted: upTo(60), time_step: [], time_ahead: [] })
    },
  )

  test('a log with days between its lines survives one in 2100', () => {
    const events = steady(60, now, 2 * day)
    events[30] = in2100
    expect(run(events)).toMatchObject({ time_step: [30] })
  })
})

describe('TimeGate with a received time', () => {
  test('accepts up to five minutes ahead, and any past', () => {
    const received = now
    const times = [now, now + 5 * 60_000, now + 5 * 60_000 + 1, in2100, 0, now - 2 * day]
    const outcome = run(times.map((time) => ({ time, received })))
    expect(outcome).toEqual({ accepted: [0, 1, 4, 5], time_ahead: [2, 3], time_step: [] })
  })

  test('decides about what is held', () => {
    const outcome = run([in2100, now - 60_000, { time: now, received: now }])
    expect(outcome).toMatchObject({ accepted: [1, 2], time_step: [0] })
  })
})

describe('TimeGate', () => {
  test('goes on from a snapshot with the timeline alone', () => {
    const gate = new TimeGate<Timed>()
    run(steady(20), gate)
    gate.offer({ time: in2100, offset: 20 })
    const restarted = new TimeGate<Timed>()
    restarted.restore(gate.snapshot())
    expect(run([in2100, ...steady(2, now + 20_000)], restarted)).toMatchObject({ time_step: [0] })
    const fresh = new TimeGate<Timed>()
    fresh.restore(new TimeGate<Timed>().snapshot())
    expect(fresh.admits(now)).toBe(false)
    expect(() => fresh.restore('{"greatest":"x"}')).toThrow(RangeError)
  })

  test('every event gets exactly one fate, in order, and few are held', () => {
    const time = fc.oneof(
      { weight: 8, arbitrary: fc.integer({ min: now - hour, max: now + hour }) },
      fc.integer({ min: now - 10 * day, max: now + 10 * day }),
      fc.constantFrom(0, in2100),
    )
    const event = fc.record({ time, received: fc.option(fc.constant(now), { nil: undefined, freq: 9 }) })
    fc.assert(
      fc.property(fc.array(event, { maxLength: 80 }), (events) => {
        const { accepted, time_step, time_ahead } = run(events)
        expect(accepted).toEqual(accepted.toSorted((left, right) => left - right))
        const all = [...accepted, ...time_step, ...time_ahead]
        expect(all.sort((left, right) => left - right)).toEqual(upTo(events.length))
      }),
    )
  })
})
