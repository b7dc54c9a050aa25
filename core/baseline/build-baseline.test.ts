import { describe, expect, it } from 'vitest'
import type { MeasureBucket } from '../ports/analytics-store.ts'
import { emptyBaseline } from './baseline.ts'
import { buildBaseline, historyHoursMin, hourSamplesMin } from './build-baseline.ts'

const query = { space: 's', lane: 'live', from: 0, to: 14 * 86_400_000 }
const monday9 = Date.UTC(2026, 0, 5, 9)
const asked = {
  detector: 'd',
  version: 1,
  measure: 'failures',
  entity: { kind: 'route', id: '/login' },
  at: monday9,
  floor: 5,
  k: 3,
} as const

function bucket(change: Partial<MeasureBucket> = {}): MeasureBucket {
  const base = { detector: 'd', version: 1, measure: 'failures', entity: 'route:/login' }
  return { ...base, hourOfWeek: 9, value: 100, count: hourSamplesMin, ...change }
}

/** Every hour from 0 on, with this many. */
function hours(count: number, change: Partial<MeasureBucket> = {}): MeasureBucket[] {
  return Array.from({ length: count }, (_, hourOfWeek) => bucket({ value: 20, hourOfWeek, ...change }))
}

describe('threshold', () => {
  it('takes the hour of week, then all hours', () => {
    const rest = hours(48).filter(({ hourOfWeek }) => hourOfWeek !== 9)
    const baseline = buildBaseline(query, [...rest, bucket()])
    expect(baseline.threshold(asked)).toEqual({
      value: 130,
      source: 'entity',
      centre: 100,
      spread: 10,
      samples: hourSamplesMin,
    })
    const tooFew = buildBaseline(query, [...rest, bucket({ count: hourSamplesMin - 1 })])
    expect(tooFew.threshold(asked)).toMatchObject({
      source: 'entity',
      value: 26,
      samples: 48 * hourSamplesMin - 1,
    })
    expect(baseline.threshold({ ...asked, at: monday9 + 100 * 3_600_000 })).toMatchObject({
      value: 26,
      centre: 20,
    })
  })

  it('falls back to the group, by kind or by entity, then to the floor', () => {
    const baseline = buildBaseline(query, [
      ...hours(30, { entity: 'route:/a' }),
      ...hours(30, { entity: 'tenant:t', value: 50 }),
    ])
    expect(baseline.threshold({ ...asked, group: 'route' })).toMatchObject({ source: 'group', value: 26 })
    expect(baseline.threshold({ ...asked, group: 'tenant:t' })).toMatchObject({ source: 'group', value: 65 })
    for (const other of [
      {},
      { group: 'ip' },
      { group: 'route', version: 2 },
      { group: 'route', measure: 'x' },
    ]) {
      expect(baseline.threshold({ ...asked, ...other })).toEqual({ value: 5, source: 'floor' })
    }
  })

  it('is never below the floor, and then says so with the numbers', () => {
    const baseline = buildBaseline(query, hours(168))
    expect(baseline.threshold({ ...asked, floor: 400 })).toEqual({
      value: 400,
      source: 'floor',
      centre: 20,
      spread: 2,
      samples: hourSamplesMin,
    })
    expect(emptyBaseline.threshold(asked)).toEqual({ value: 5, source: 'floor' })
  })

  it('takes no history from few hours, however many panes they hold', () => {
    const practised = hours(historyHoursMin - 1, { count: 1e6, value: 9000 })
    expect(buildBaseline(query, practised).threshold({ ...asked, group: 'route' })).toEqual({
      value: 5,
      source: 'floor',
    })
    const enough = hours(historyHoursMin, { count: 1e6, value: 9000 })
    expect(buildBaseline(query, enough).threshold(asked).source).toBe('entity')
  })
})

it('is the same for buckets in any order, and for a bucket in parts', () => {
  const buckets = [
    ...hours(40),
    ...hours(60, { entity: 'route:/a', value: 7 }),
    ...hours(30, { measure: 'x' }),
  ]
  const whole = buildBaseline(query, buckets)
  const halves = buckets.flatMap((one) => [
    { ...one, count: 5 },
    { ...one, count: one.count - 5 },
  ])
  expect(buildBaseline(query, halves.reverse())).toEqual({ ...whole, threshold: expect.any(Function) })
  expect(buildBaseline({ ...query, to: query.to + 1 }, buckets).digest).not.toBe(whole.digest)
})
