import { describe, expect, it } from 'vitest'
import type { Facts } from './facts.ts'
import { fallingBehind, telemetryLag } from './lag-rules.ts'

const minute = 60_000
const bounds = { lagMsMax: 5 * minute, forMs: 5 * minute }

/** A reading every ten seconds; `lag` gives minutes of lag at a minute. */
function readings(minutes: number, lag: (minute: number) => number, more: Partial<Facts> = {}): Facts[] {
  return Array.from({ length: minutes * 6 + 1 }, (_, index) => {
    const at = 1_000_000_000 + index * 10_000
    const counts = { records: index, accepted: index, late: 0, refused: 0 }
    return {
      at,
      watermark: at - lag(index / 6) * minute,
      isReading: true,
      sources: [{ name: 'gateway', ...counts, isOver: false }],
      ...more,
    }
  })
}

describe('telemetry-lag', () => {
  it('stands when the lag was beyond the bound for long enough, since it was', () => {
    const history = readings(10, (at) => (at < 4 ? 1 : 6))
    expect(telemetryLag(history, bounds)).toMatchObject({
      rule: 'telemetry-lag',
      since: history[24]?.at,
      evidence: { lag_seconds: 360, bound_seconds: 300 },
    })
  })

  it.each([
    ['below the bound', readings(10, () => 4.9)],
    ['not long enough', readings(10, (at) => (at < 6 ? 1 : 6))],
    ['with a break', readings(10, (at) => (at === 7 ? 1 : 6))],
    ['while every source is idle', readings(10, () => 60, { isReading: false })],
    ['before the first event', readings(10, () => 6, { watermark: Number.NEGATIVE_INFINITY })],
    ['with no reading', []],
  ])('does not stand %s', (_what, history) => {
    expect(telemetryLag(history, bounds)).toBeUndefined()
  })
})

describe('falling-behind', () => {
  it('stands when the lag only grows while events are read', () => {
    expect(
      fallingBehind(
        readings(6, (at) => 1 + at / 2),
        bounds,
      ),
    ).toMatchObject({
      rule: 'falling-behind',
      evidence: { lag_seconds: 240, grown_seconds: 150, in_seconds: 300 },
    })
  })

  it('tells how many records wait, where that is known and grows', () => {
    const history = readings(6, (at) => 1 + at / 2).map((facts, index) => ({
      ...facts,
      waiting: index * 100,
    }))
    expect(fallingBehind(history, bounds)).toMatchObject({ evidence: { records_waiting: 3600 } })
  })

  it.each([
    ['while nothing waits: the sender is late', readings(6, (at) => 1 + at / 2, { waiting: 0 })],
    ['while as much waits as before', readings(6, (at) => 1 + at / 2, { waiting: 500 })],
    ['while a backlog is read and the lag shrinks', readings(6, (at) => 60 - at)],
    ['for jitter', readings(6, (at) => 1 + at / 100)],
    ['when it grew and shrank', readings(6, (at) => (at < 3 ? at : 6 - at))],
    ['before it has grown for long enough', readings(4, (at) => at)],
    ['when nothing is read: a source is away', readings(6, (at) => at, { sources: [] })],
  ])('does not stand %s', (_what, history) => {
    expect(fallingBehind(history, bounds)).toBeUndefined()
  })
})
