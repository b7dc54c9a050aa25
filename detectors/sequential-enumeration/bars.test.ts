import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Bars, idsNeeded } from './bars.ts'
import { type Config, config } from './config.ts'

const bars = (ids: number, idsClean: number): Bars => ({
  pace: 'fast',
  ids,
  idsClean,
  anonymous: false,
  since: 0,
})
const settings = (trouble_share_min: number): Config => config.parse({ trouble_share_min })

/** What a clean walk of `n` ids needs when `troubled` of them were in trouble. */
function needs(n: number, troubled: number, { ids, idsClean }: Bars, share: number): number {
  return ids + Math.max(0, 1 - troubled / n / share) * (idsClean - ids)
}

describe('ids that a walk needs at least', () => {
  it('fall from those without trouble to those with it', () => {
    const needed = [0, 1, 2, 3, 30].map((troubled) => idsNeeded(troubled, bars(30, 80), settings(0.1)))
    expect(needed).toEqual([80, 74, 65, 30, 30])
    const crawl: Bars = { ...bars(60, 1000), pace: 'slow', anonymous: true }
    expect(idsNeeded(3, crawl, settings(0.1))).toBe(1000)
  })

  it('are what the formula asks for, whatever part of the trouble lies in the walk', () => {
    const numbers = [
      fc.integer({ min: 5, max: 60 }),
      fc.integer({ min: 5, max: 200 }),
      fc.integer({ min: 0, max: 30 }),
      fc.double({ min: 0.01, max: 1, noNaN: true }),
    ] as const
    fc.assert(
      fc.property(...numbers, (ids, idsClean, troubled, share) => {
        const own = bars(ids, idsClean)
        const needed = idsNeeded(troubled, own, settings(share))
        for (let n = ids; n < needed; n++) {
          for (let part = 0; part <= Math.min(n, troubled); part++)
            expect(n).toBeLessThan(needs(n, part, own, share))
        }
        if (idsClean > ids && troubled < ids * share && troubled <= needed)
          expect(needed).toBeGreaterThanOrEqual(needs(needed, troubled, own, share) - 1e-6)
      }),
    )
  })
})
