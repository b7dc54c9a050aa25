import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../test/scenarios/random.ts'
import { chanceScore, looksLikeCrowd } from './chance.ts'
import { byValue, type Visit } from './visit.ts'
import { longestWalk } from './walk.ts'

function visits(values: readonly number[]): Visit[] {
  return values
    .map((value): Visit => ({ id: String(value), value, answer: 'served', requests: 1, first: 0, last: 0 }))
    .sort(byValue)
}

function range(from: number, count: number, stride = 1): number[] {
  return Array.from({ length: count }, (_, index) => from + index * stride)
}

const options = { densityMin: 0.5, idsMin: 10, sampled: 1 }

describe('the longest walk', () => {
  it.each([
    ['one by one', range(100, 30), { ids: 30, stride: 1, density: 1, runLength: 30 }],
    ['a stride', range(100, 30, 7), { ids: 30, stride: 7, density: 1 }],
    ['a hole', [...range(100, 20), ...range(125, 20)], { ids: 40, density: 40 / 45, runLength: 20 }],
    ['two ranges: the longer', [...range(100, 20), ...range(9000, 25)], { ids: 25 }],
    ['outliers stay out', [1, 5_000_000, ...range(700, 20)], { ids: 20, places: 20 }],
    ['equal numbers count once', [...range(100, 12), 100, 101, 102], { ids: 12 }],
  ])('%s', (_name, values, expected) => {
    expect(longestWalk(visits(values), options)).toMatchObject(expected)
  })

  it.each([
    ['too few', range(100, 9)],
    ['too thin', range(0, 40).map((index) => index * 3 + (index % 2))],
    ['nothing', []],
    ['one number', [7, 7, 7]],
  ])('none: %s', (_name, values) => {
    expect(longestWalk(visits(values), { ...options, strides: [1] })).toBeUndefined()
  })

  it('finds a sampled walk and estimates its length', () => {
    const random = seededRandom(4)
    const sample = range(5000, 4000).filter(() => random.chance(0.05))
    const walk = longestWalk(visits(sample), { ...options, sampled: 0.05 })
    expect(walk?.ids).toBeGreaterThan(3400)
    expect(walk?.ids).toBeLessThan(4600)
    expect(walk?.density).toBeGreaterThan(0.85)
  })

  it('is as good as trying every stretch', () => {
    /** The best score of all stretches: ids less untouched places, as density 0.5 weighs them. */
    function bestByTrying(values: readonly number[]): number {
      let best = 0
      for (let start = 0; start < values.length; start++) {
        for (let end = start; end < values.length; end++) {
          const ids = end - start + 1
          best = Math.max(best, 2 * ids - ((values[end] ?? 0) - (values[start] ?? 0) + 1))
        }
      }
      return best
    }
    const values = fc.uniqueArray(fc.integer({ min: 0, max: 120 }), { minLength: 2, maxLength: 60 })
    fc.assert(
      fc.property(values, (list) => {
        const sorted = [...list].sort((left, right) => left - right)
        const walk = longestWalk(visits(list), { ...options, idsMin: 2, strides: [1] })
        if (!walk) return
        expect(2 * walk.ids - walk.places).toBe(bestByTrying(sorted))
        expect(walk.density).toBeGreaterThanOrEqual(0.5)
        expect(walk.visits.map(({ value }) => value)).toEqual(
          sorted.filter(
            (value) =>
              value >= (walk.visits[0]?.value ?? 0) && value <= (walk.visits[walk.ids - 1]?.value ?? 0),
          ),
        )
      }),
    )
  })

  it('hides in no order, and moves with its numbers', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 0, max: 300 }), { minLength: 20, maxLength: 150 }),
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 0, max: 1000 }),
        (list, scale, shift) => {
          const walk = longestWalk(visits(list), options)
          const moved = longestWalk(
            visits([...list].reverse().map((value) => value * scale + shift)),
            options,
          )
          expect(moved?.ids).toBe(walk?.ids)
          expect(moved?.density).toBe(walk?.density)
          expect(moved?.stride).toBe(walk && walk.stride * scale)
        },
      ),
    )
  })
})

describe('chance', () => {
  it('scattered ids make no walk, whatever their density below the threshold', () => {
    for (let seed = 1; seed <= 60; seed++) {
      const random = seededRandom(seed)
      const density = 0.05 + random.next() * 0.38
      const scattered = range(0, 4000).filter(() => random.chance(density))
      const walk = longestWalk(visits(scattered), { ...options, idsMin: 30 })
      expect(walk, `seed ${seed}, density ${density}`).toBeUndefined()
    }
  })

  it('asks for more the denser the background, and for nothing once it is a walk itself', () => {
    const scores = [0.05, 0.1, 0.2, 0.3, 0.4].map((background) => chanceScore(background, 0.5, 1000))
    expect([...scores].sort((left, right) => left - right)).toEqual(scores)
    expect(chanceScore(0.5, 0.5, 1000)).toBe(0)
    // For density 0.5 the root is ln((1-b)/b).
    expect(chanceScore(0.2, 0.5, 1000)).toBeCloseTo((Math.log(1000) * 2) / Math.log(4), 6)
  })

  it('knows a crowd from a walker', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const random = seededRandom(seed)
      const places = random.int(60, 400)
      const counts = new Map<number, number>()
      for (let request = 0; request < places * (1 + random.next() * 2); request++) {
        const id = random.int(1, places)
        counts.set(id, (counts.get(id) ?? 0) + 1)
      }
      const requests = [...counts.values()]
      const walked = { places, density: requests.length / places }
      expect(looksLikeCrowd(walked, requests)).toBe(true)
      expect(
        looksLikeCrowd(
          walked,
          requests.map(() => 1),
        ),
      ).toBe(false)
      expect(
        looksLikeCrowd(
          walked,
          requests.map(() => 3),
        ),
      ).toBe(false)
    }
  })
})
