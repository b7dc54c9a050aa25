import { expect, it } from 'vitest'
import { bucketFloor } from '../../core/baseline/bucket.ts'
import { hourMs, hourOfWeek } from '../../core/baseline/hour-of-week.ts'
import type { SealedPane } from '../../core/engine/sealed-pane.ts'
import type { OpenedAnalyticsStore } from './analytics-store-contract.ts'
import { insertRows, lane, monday9, pane } from './analytics-store-rows.ts'

export function describeMeasures(opened: () => OpenedAnalyticsStore): void {
  const query = { space: 'measure', lane, from: monday9, to: monday9 + 2 * hourMs }

  it('sums measures by entity, hour of week and bucket, without flagged panes', async () => {
    const at = (minutes: number, change: Partial<SealedPane>) =>
      pane({ start: monday9 + minutes * 60_000, ...change })
    const repeated = at(3, { measures: { failures: 4 } })
    const batches = [
      [at(0, {}), at(1, {}), repeated],
      [
        at(2, { measures: { failures: 900, ratio: 0.37 } }),
        at(4, { measures: { failures: 5 }, flagged: true }),
      ],
      [
        repeated,
        at(61, {}),
        at(0, { entity: { kind: 'route', id: '/a' }, measures: { failures: Number.NaN } }),
      ],
      [at(-1, {}), at(120, {}), at(5, { version: 2 })],
    ]
    for (const [token, rows] of batches.entries()) {
      await insertRows(opened().store, 'panes', { space: 'measure', lane }, { token: `${token}`, rows })
    }
    await insertRows(
      opened().store,
      'panes',
      { space: 'measure', lane: 'live' },
      { token: 'l', rows: [at(0, {})] },
    )
    const found = await opened().store.measureBuckets(query)
    expect(found.map((one) => Object.values(one))).toEqual([
      ['d', 1, 'failures', 'route:/login', 9, 3, 2],
      ['d', 1, 'failures', 'route:/login', 9, 4, 1],
      ['d', 1, 'failures', 'route:/login', 9, 896, 1],
      ['d', 1, 'failures', 'route:/login', 10, 3, 1],
      ['d', 1, 'ratio', 'route:/login', 9, bucketFloor(0.37), 1],
      ['d', 2, 'failures', 'route:/login', 9, 3, 1],
    ])
  })

  it('leaves out a pane that was flagged when it came again', async () => {
    const space = 'reflagged'
    const two = [pane({ flagged: true }), pane()]
    for (const [token, one] of two.entries()) {
      await insertRows(opened().store, 'panes', { space, lane }, { token: `${token}`, rows: [one] })
    }
    expect(await opened().store.measureBuckets({ ...query, space })).toEqual([])
  })

  it('buckets and hours are those of core, to the last bit', async () => {
    const space = 'agreement'
    const values = [
      -0,
      0,
      1e-9,
      2 ** -20,
      0.1,
      1 / 3,
      0.999,
      1,
      127,
      128,
      129,
      1e6,
      2 ** 53,
      1e300,
      -0.7,
      -1e300,
    ]
    for (let value = 1e-7; value < 1e17; value *= 1.37) values.push(value)
    const rows = values.map((value, index) =>
      pane({ start: monday9 + index * 5 * hourMs, measures: { value } }),
    )
    await insertRows(opened().store, 'panes', { space, lane }, { token: 't', rows })
    const found = await opened().store.measureBuckets({ ...query, space, to: monday9 + 9e11 })
    const keys = found.flatMap((one) =>
      Array.from({ length: one.count }, () => `${one.hourOfWeek} ${one.value}`),
    )
    const wanted = rows.map((one) => `${hourOfWeek(one.start)} ${bucketFloor(one.measures.value ?? 0)}`)
    expect(keys.sort()).toEqual(wanted.sort())
  })
}
