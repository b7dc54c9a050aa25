import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Watermarks } from '../engine/watermarks.ts'
import { type Timed, TimeGate } from './time-gate.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const now = Date.parse('2026-03-10T12:00:00Z')
const in2100 = Date.parse('2100-01-01T00:00:00Z')
const latenessMs = 30_000

interface Outcome {
  readonly accepted: number[]
  readonly time_step: number[]
  readonly time_ahead: number[]
  /** Accepted, but behind the watermark. */
  readonly late: number[]
}

type Given = number | Omit<Timed, 'offset'>

/** Offsets by fate. Offset is the index. */
function run(
  events: readonly Given[],
  { gate = new TimeGate<Timed>(), pauses = [] as readonly number[] } = {},
): Outcome {
  const outcome: Outcome = { accepted: [], time_step: [], time_ahead: [], late: [] }
  /** Where something was accepted behind an event that was still held. */
  const passed: number[] = []
  const watermarks = new Watermarks()
  watermarks.opened('partition', latenessMs)
  const accept = ({ time, offset }: Timed, reached: number) => {
    watermarks.observe('partition', reached)
    outcome.accepted.push(offset)
    if (time < watermarks.value()) outcome.late.push(offset)
  }
  const note = ({ accepted, refused }: ReturnType<TimeGate<Timed>['settle']>) => {
    for (const { item, reached } of accepted) accept(item, reached)
    for (const { item, reason } of refused) outcome[reason].push(item.offset)
  }
  for (const [offset, event] of events.entries()) {
    const item = typeof event === 'number' ? { time: event, offset } : { ...event, offset }
    if (gate.admits(item.time, item.received)) accept(item, gate.reached)
    else note(gate.offer(item))
    if (pauses.includes(offset)) note(gate.settle())
    if ((outcome.accepted.at(-1) ?? -1) >= (gate.heldFrom ?? Number.POSITIVE_INFINITY)) passed.push(offset)
  }
  note(gate.settle())
  expect(gate.heldFrom).toBeUndefined()
  expect(passed).toEqual([])
  return outcome
}

const steady = (count: number, start = now, everyMs = 1000) =>
  Array.from({ length: count }, (_, index) => start + index * everyMs)
const many = (count: number, time: number) => Array.from({ length: count }, () => time)
const upTo = (count: number, from = 0) => Array.from({ length: count - from }, (_, index) => from + index)
const nothing = { time_step: [], time_ahead: [], late: [] }

/** Puts wrong events into a log; returns it and the places where the log's own events are. */
function inserted(log: readonly number[], wrong: readonly (readonly [place: number, time: number])[]) {
  const events = log.map((time) => ({ time, isOwn: true }))
  for (const [place, time] of wrong) events.splice(Math.min(place, events.length), 0, { time, isOwn: false })
  const own = events.flatMap(({ isOwn }, index) => (isOwn ? [index] : []))
  return { events: events.map(({ time }) => time), own }
}

function expectUnharmed(outcome: Outcome, own: readonly number[]): void {
  const harmed = new Set([...outcome.late, ...outcome.time_step, ...outcome.time_ahead])
  expect(own.filter((offset) => harmed.has(offset))).toEqual([])
  const accepted = new Set(outcome.accepted)
  expect(own.filter((offset) => !accepted.has(offset))).toEqual([])
}

describe('without a received time, an honest log comes through whole and in order', () => {
  test.each([1, 3, 100, 1023, 1024, 1025, 3000])('of %d events', (count) => {
    expect(run(steady(count))).toEqual({ ...nothing, accepted: upTo(count) })
  })

  test.each([1000, 20 * minute, 3 * hour, day, 30 * hour, 2 * day, 10 * day])(
    'with an event every %d ms',
    (every) => {
      for (const count of [60, 1500]) {
        expect(run(steady(count, now, every))).toEqual({ ...nothing, accepted: upTo(count) })
      }
    },
  )

  test('with a pause every night, and weekends', () => {
    const days = upTo(30).filter((index) => index % 7 < 5)
    const log = days.flatMap((index) => steady(80, now + index * day, 5 * minute))
    expect(run(log)).toEqual({ ...nothing, accepted: upTo(log.length) })
  })

  test('with months between its parts', () => {
    const log = [...steady(10), ...steady(400, now + 60 * day), ...steady(900, now + 200 * day)]
    expect(run(log)).toEqual({ ...nothing, accepted: upTo(log.length) })
  })

  test('all of it in 2100, or in 1970', () => {
    for (const start of [in2100, 0]) {
      for (const count of [5, 2000]) {
        expect(run(steady(count, start))).toEqual({ ...nothing, accepted: upTo(count) })
      }
    }
  })

  test('with pauses of its source at any place', () => {
    const log = steady(2000, now, minute)
    expect(run(log, { pauses: [0, 3, 500, 1600] })).toEqual({ ...nothing, accepted: upTo(2000) })
  })
})

describe('without a received time, wrong times are refused', () => {
  test.each([
    ['2100', in2100],
    ['1970', 0],
  ])('a first event in %s, whether few or many follow', (_name, odd) => {
    for (const count of [2, 8, 9, 100, 3000]) {
      const outcome = run([odd, ...steady(count)])
      expect(outcome).toEqual({ ...nothing, accepted: upTo(count + 1, 1), time_step: [0] })
    }
  })

  test.each([
    ['2100', in2100],
    ['1970', 0],
  ])('two in %s in between', (_name, odd) => {
    for (const [before, after] of [
      [20, 5],
      [1500, 20],
      [1500, 3000],
    ] as const) {
      const outcome = run([...steady(before), odd, odd, ...steady(after, now + before * 1000)])
      expect(outcome).toMatchObject({ time_step: [before, before + 1], late: [] })
      expect(outcome.accepted).toHaveLength(before + after)
    }
  })

  test('a burst in 2100 in the middle, up to two thirds of what is held', () => {
    for (const count of [9, 65, 682]) {
      const { events, own } = inserted(
        steady(4000),
        many(count, in2100).map((time) => [2000, time] as const),
      )
      const outcome = run(events)
      expectUnharmed(outcome, own)
      expect(outcome.time_step).toHaveLength(count)
    }
  })

  test('a longer burst becomes the timeline, and the log is accepted again behind it', () => {
    const outcome = run([...steady(2000), ...many(800, in2100), ...steady(3000, now + 2_000_000)])
    expect(outcome.time_step).toEqual([])
    expect(outcome.late).toHaveLength(3000)
  })

  test('of two clocks that take turns the one that stood first wins, at the beginning the earlier one', () => {
    const turns = steady(2000, now + 2_000_000).flatMap((time) => [time, in2100])
    const stood = run([...steady(2000), ...turns])
    expect(stood.late).toEqual([])
    expect(stood.accepted.filter((offset) => offset < 2000 || offset % 2 === 0)).toHaveLength(4000)
    expect(stood.time_step.length).toBeGreaterThan(1900)
    const begun = run(turns)
    expect(begun.accepted.filter((offset) => offset % 2 === 0)).toHaveLength(2000)
    expect(begun.late).toEqual([])
  })

  test('two clocks hours apart are both accepted, and neither is late', () => {
    const turns = steady(2000).flatMap((time) => [time, time + 5 * hour])
    expect(run(turns)).toEqual({ ...nothing, accepted: upTo(4000) })
  })

  test('a last line in 2100 comes through, one in 1970 does not', () => {
    for (const count of [20, 2000]) {
      expect(run([...steady(count), in2100])).toMatchObject({ accepted: upTo(count + 1) })
      expect(run([...steady(count), 0])).toMatchObject({ accepted: upTo(count), time_step: [count] })
    }
  })

  test('a wrong last line does not take the lines before it along', () => {
    expect(run([...steady(5), 0])).toMatchObject({ accepted: upTo(5), time_step: [5] })
    const weekend = steady(4, now + 3 * day)
    expect(run([...steady(20), ...weekend, 0])).toMatchObject({ accepted: upTo(24), time_step: [24] })
    expect(run([...steady(20), in2100, ...weekend])).toMatchObject({ time_step: [20] })
  })

  test('a clock set back by days is believed, and its events are late', () => {
    const outcome = run([...steady(2000), ...steady(1500, now - 5 * day)])
    expect(outcome).toMatchObject({ accepted: upTo(3500), time_step: [] })
    expect(outcome.late).toHaveLength(1500)
    expect(run([...steady(2000), ...steady(64, now - 5 * day)]).time_step).toHaveLength(64)
    const gate = new TimeGate<Timed>()
    const both = [...steady(1100), ...steady(1024, now - 5 * day)]
    for (const [offset, time] of both.entries()) if (!gate.admits(time)) gate.offer({ time, offset })
    expect(gate.admits(now - 5 * day)).toBe(true)
  })

  test('a wrong line, then a pause of days, then a straggler: the log goes on', () => {
    const after = steady(1500, now + 5 * day)
    const before = [...steady(2000), in2100, ...steady(400, now + 2_000_000)]
    const outcome = run([...before, ...after.slice(0, 300), now + 2_400_000, ...after.slice(300)])
    expect(outcome).toMatchObject({ time_step: [2000] })
    expect(outcome.accepted).toHaveLength(3901)
  })

  test('stragglers from before a pause of days are accepted, and late', () => {
    const after = steady(1500, now + 5 * day)
    const stragglers = many(3, now + 1_999_000)
    const outcome = run([...steady(2000), ...after.slice(0, 20), ...stragglers, ...after.slice(20)])
    expect(outcome).toMatchObject({ accepted: upTo(3503), time_step: [] })
  })

  test('a few lines before a long pause are the past of the same log, not a wrong clock', () => {
    expect(run([now - 3 * day, ...steady(20)])).toEqual({ ...nothing, accepted: upTo(21) })
  })

  test('lines of the past before a pause are refused when the log was further already', () => {
    const outcome = run([...steady(2000), ...many(3, now - 2 * day), ...steady(1500, now + 5 * day)])
    expect(outcome).toMatchObject({ time_step: [2000, 2001, 2002], late: [] })
  })

  test('a log with days between its lines survives one in 2100 and one in 1970', () => {
    for (const odd of [in2100, 0]) {
      const events = steady(60, now, 2 * day)
      events[30] = odd
      expect(run(events)).toMatchObject({ time_step: [30], late: [] })
    }
  })

  test('nothing but broken times is decided, in the end', () => {
    const broken = upTo(3000).map((index) => ((index * 7919) % 3000) * 40 * day)
    const { accepted, time_step } = run(broken)
    expect(accepted.length + time_step.length).toBe(3000)
    const gate = new TimeGate<Timed>()
    for (const [offset, time] of broken.slice(0, 1024).entries()) gate.offer({ time, offset })
    expect(gate.heldFrom).toBeGreaterThanOrEqual(512)
  })
})

describe('without a received time, no few wrong events harm a healthy log of 2,000', () => {
  const time = fc.oneof(
    fc.integer({ min: now - 40 * day, max: now + 40 * day }),
    fc.integer({ min: now - hour, max: now + 26 * hour }),
    fc.integer({ min: 0, max: in2100 }),
    fc.constantFrom(0, in2100),
  )
  /** One event after another, with disorder that the allowed lateness covers, and pauses over night. */
  const log = fc
    .record({
      everyMs: fc.integer({ min: 1, max: 30 * minute }),
      nightMs: fc.integer({ min: 0, max: 14 * hour }),
    })
    .map(({ everyMs, nightMs }) =>
      upTo(2000).map(
        (index) => now + index * everyMs + Math.floor(index / 500) * nightMs - ((index * 7919) % 31) * 900,
      ),
    )
  const place = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2000 }))

  test('eight, of any times, anywhere', () => {
    const wrong = fc.array(fc.tuple(place, time), { maxLength: 8 })
    fc.assert(
      fc.property(log, wrong, (own, some) => {
        const { events, own: places } = inserted(own, some)
        expectUnharmed(run(events), places)
      }),
      { numRuns: 150 },
    )
  })

  test('eight in a row, at any distance from the events around them', () => {
    const row = fc.record({
      at: place,
      aheadMs: fc.integer({ min: -2 * day, max: 2 * day }),
      stepMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: day })),
      count: fc.oneof(fc.constant(8), fc.integer({ min: 1, max: 8 })),
    })
    fc.assert(
      fc.property(log, row, (own, { at, aheadMs, stepMs, count }) => {
        const start = (own[at] ?? now) + aheadMs
        const some = upTo(count).map((index) => [at + index, start + index * stepMs] as const)
        const { events, own: places } = inserted(own, some)
        expectUnharmed(run(events), places)
      }),
      { numRuns: 150 },
    )
  })

  test('three hundred at the beginning, of one time or of many', () => {
    const wrong = fc.oneof(
      fc.array(time, { maxLength: 300 }),
      fc.tuple(time, fc.constantFrom(9, 100, 300)).map(([one, count]) => many(count, one)),
    )
    fc.assert(
      fc.property(log, wrong, (own, some) => {
        const { events, own: places } = inserted(
          own,
          some.map((one) => [0, one] as const),
        )
        expectUnharmed(run(events), places)
      }),
      { numRuns: 100 },
    )
  })
})

describe('with a received time', () => {
  test('accepts up to five minutes ahead, and any past', () => {
    const received = now
    const times = [now, now + 5 * minute, now + 5 * minute + 1, in2100, 0, now - 2 * day]
    const outcome = run(times.map((time) => ({ time, received })))
    expect(outcome).toMatchObject({ accepted: [0, 1, 4, 5], time_ahead: [2, 3], time_step: [] })
  })

  test('accepts everything else at once, so that nothing is read again after a crash', () => {
    const gate = new TimeGate<Timed>()
    for (const time of [0, now - day, now, now - 40 * day]) {
      expect(gate.admits(time, now)).toBe(true)
      expect(gate.heldFrom).toBeUndefined()
    }
  })

  test('a burst in 2100 is refused, at the beginning too', () => {
    const live = [...many(2000, in2100), ...steady(50)].map((time, index) => ({
      time,
      received: index < 2000 ? now : time,
    }))
    expect(run(live)).toEqual({ ...nothing, accepted: upTo(2050, 2000), time_ahead: upTo(2000) })
  })

  test('an event after a night of silence counts at once', () => {
    const gate = new TimeGate<Timed>()
    for (const time of steady(20)) gate.admits(time, time)
    expect(gate.admits(now + 9 * hour, now + 9 * hour)).toBe(true)
    expect(gate.reached).toBe(now + 9 * hour)
  })

  test('events ahead by up to five minutes make no other late', () => {
    const live = steady(600).flatMap((received) => [
      { time: received - 2000, received },
      { time: received + 4 * minute, received },
    ])
    expect(run(live)).toEqual({ ...nothing, accepted: upTo(1200) })
  })

  test('eight events of today anywhere in the backlog of yesterday make none of it late', () => {
    const wrong = fc.array(
      fc.tuple(fc.integer({ min: 0, max: 2000 }), fc.integer({ min: now - 2 * day, max: now + 5 * minute })),
      { maxLength: 8 },
    )
    fc.assert(
      fc.property(wrong, fc.integer({ min: 1, max: 40_000 }), (some, everyMs) => {
        const { events, own } = inserted(steady(2000, now - day, everyMs), some)
        expectUnharmed(run(events.map((time) => ({ time, received: now }))), own)
      }),
      { numRuns: 100 },
    )
  })

  test('decides about what is held', () => {
    const outcome = run([in2100, now - 60_000, { time: now, received: now }])
    expect(outcome).toMatchObject({ accepted: [1, 2], time_step: [0] })
  })
})

describe('TimeGate', () => {
  test('goes on from a snapshot with the timeline alone', () => {
    const gate = new TimeGate<Timed>()
    for (const [offset, time] of steady(1100).entries()) {
      if (!gate.admits(time)) gate.offer({ time, offset })
    }
    gate.offer({ time: in2100, offset: 1100 })
    const restarted = new TimeGate<Timed>()
    restarted.restore(gate.snapshot())
    const outcome = run([in2100, ...steady(2, now + 1_100_000)], { gate: restarted })
    expect(outcome).toMatchObject({ accepted: [1, 2], time_step: [0] })
  })

  test('killed anywhere, it accepts the same events when it reads on from the durable position', () => {
    const time = fc.oneof(
      { weight: 30, arbitrary: fc.constant(undefined) },
      fc.integer({ min: now - 3 * day, max: now + 3 * day }),
      fc.constantFrom(0, in2100),
    )
    const isLive = fc.boolean()
    const events = fc.tuple(fc.array(time, { minLength: 1, maxLength: 200 }), isLive).map(([times, live]) =>
      upTo(2400).map((index) => ({
        time: times[index % times.length] ?? now + index * 1000,
        offset: index,
        ...(live ? { received: now + index * 1000 } : {}),
      })),
    )
    const fates = (gate: TimeGate<Timed>, some: readonly Timed[], out: Map<number, string>) => {
      const note = ({ accepted, refused }: ReturnType<TimeGate<Timed>['settle']>) => {
        for (const { item } of accepted) out.set(item.offset, 'accepted')
        for (const { item, reason } of refused) out.set(item.offset, reason)
      }
      for (const item of some) {
        if (gate.admits(item.time, item.received)) out.set(item.offset, 'accepted')
        else note(gate.offer(item))
      }
      return note
    }
    fc.assert(
      fc.property(events, fc.nat(2400), (all, killedAt) => {
        const calm = new Map<number, string>()
        const gate = new TimeGate<Timed>()
        fates(gate, all, calm)(gate.settle())
        const stormy = new Map<number, string>()
        const killed = new TimeGate<Timed>()
        fates(killed, all.slice(0, killedAt), stormy)
        const restarted = new TimeGate<Timed>()
        restarted.restore(killed.snapshot())
        fates(restarted, all.slice(killed.heldFrom ?? killedAt), stormy)(restarted.settle())
        expect([...stormy].sort()).toEqual([...calm].sort())
      }),
      { numRuns: 60 },
    )
  })

  test('takes snapshots of earlier versions, which held the greatest time alone, and refuses others', () => {
    const gate = new TimeGate<Timed>()
    gate.restore(JSON.stringify({ greatest: now }))
    expect(gate.admits(now + hour)).toBe(true)
    gate.restore('{"greatest":null}')
    expect(gate.admits(now)).toBe(false)
    for (const other of ['{"greatest":"x"}', 'null', '{', '{"greatest":1,"recent":7}']) {
      expect(() => gate.restore(other)).toThrow('not a snapshot of a time gate')
    }
  })

  test('every event gets exactly one fate, in order, wherever the source pauses', () => {
    const time = fc.oneof(
      { weight: 8, arbitrary: fc.integer({ min: now - hour, max: now + hour }) },
      fc.integer({ min: now - 10 * day, max: now + 10 * day }),
      fc.constantFrom(0, in2100),
    )
    const event = fc.record({ time, received: fc.option(fc.constant(now), { nil: undefined, freq: 9 }) })
    const pauses = fc.array(fc.nat(80), { maxLength: 3 })
    fc.assert(
      fc.property(fc.array(event, { maxLength: 80 }), pauses, (events, at) => {
        const { accepted, time_step, time_ahead } = run(events, { pauses: at })
        expect(accepted).toEqual(accepted.toSorted((left, right) => left - right))
        const all = [...accepted, ...time_step, ...time_ahead]
        expect(all.sort((left, right) => left - right)).toEqual(upTo(events.length))
      }),
    )
  })
})
