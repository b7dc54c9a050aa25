import { expect, it } from 'vitest'
import { FlowWatch } from './flow-watch.ts'
import { badShares, nothingCounted } from './share-rules.ts'

const counts = { name: 'gateway', records: 2000, accepted: 2000, late: 0, refused: 0 }

it('tells a late and a refused share above the bound', () => {
  expect(badShares({ ...counts, late: 21 }, nothingCounted, 5)).toMatchObject([
    {
      rule: 'late-share',
      what: 'source/gateway',
      since: 5,
      evidence: { count: 21, of: 2000, share: 0.0105 },
    },
  ])
  expect(badShares({ ...counts, refused: 500 }, nothingCounted, 5)).toMatchObject([
    { rule: 'refused-share', evidence: { count: 500, of: 2000, share: 0.25, bound: 0.01 } },
  ])
})

it.each([
  ['at the bound', { ...counts, late: 20 }],
  ['of too few', { ...counts, records: 999, accepted: 999, late: 500, refused: 500 }],
  ['of a handful', { ...counts, records: 1000, accepted: 1000, late: 19, refused: 19 }],
])('says nothing of a share %s', (_what, now) => {
  expect(badShares(now, nothingCounted, 0)).toEqual([])
})

it('counts shares of the last ten minutes, so that what was bad long ago is over', () => {
  const watch = new FlowWatch({ lagMsMax: 1e9, forMs: 1e9 }, 0)
  const found = Array.from({ length: 31 }, (_, minute) => {
    // Half of the first thousand is refused, and nothing after.
    const sums = { ...counts, records: 1000 * (minute + 1), accepted: 1000 * minute + 500, refused: 500 }
    const at = minute * 60_000
    return watch.look({ at, watermark: at, isReading: true, sources: [{ ...sums, isOver: false }] })
  })
  expect(
    found
      .slice(0, 10)
      .flat()
      .map(({ rule }) => rule),
  ).toEqual(Array.from({ length: 10 }, () => 'refused-share'))
  expect(found.slice(10).flat()).toEqual([])
})
