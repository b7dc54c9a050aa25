import fc from 'fast-check'
import { expect, it } from 'vitest'
import { dealOut, undisputed } from './sticky-assigner.ts'

const places = Array.from({ length: 8 }, (_, index) => String(index))

it('gives each place to one member, and no member more than its share', () => {
  const claims = fc.dictionary(fc.string({ minLength: 1 }), fc.subarray(places), { minKeys: 1, maxKeys: 10 })
  fc.assert(
    fc.property(claims, (claimed) => {
      const dealt = [...dealOut(places, new Map(Object.entries(claimed))).values()]
      expect(dealt.flat().sort()).toEqual(places)
      const share = Math.ceil(places.length / Object.keys(claimed).length)
      for (const own of dealt) expect(own.length).toBeLessThanOrEqual(share)
    }),
  )
})

it('leaves places with who has them', () => {
  const before = new Map([
    ['m2', ['0', '1', '2', '3']],
    ['m3', ['4', '5', '6', '7']],
  ])
  expect(dealOut(places, before)).toEqual(before)
  const joined = dealOut(places, new Map([...before, ['m1', []]]))
  expect(joined.get('m2')).toEqual(['0', '1', '2'])
  expect(joined.get('m3')).toEqual(['4', '5', '6'])
  expect(joined.get('m1')).toEqual(['3', '7'])
})

it('one that joins does not take the only place away', () => {
  expect(
    dealOut(
      ['respond'],
      new Map([
        ['a', []],
        ['b', ['respond']],
      ]),
    ).get('b'),
  ).toEqual(['respond'])
})

it('one that slept does not take its place back from who has taken over', () => {
  const claims = new Map([
    ['a-slept', { places: ['0', '1'], since: 1000 }],
    ['b-took-over', { places: ['0'], since: 2000 }],
  ])
  expect(undisputed(claims)).toEqual(
    new Map([
      ['a-slept', ['1']],
      ['b-took-over', ['0']],
    ]),
  )
  expect(undisputed(new Map([...claims].reverse())).get('b-took-over')).toEqual(['0'])
})
