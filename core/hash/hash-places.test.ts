import fc from 'fast-check'
import { expect, it } from 'vitest'
import { HashPlaces } from './hash-places.ts'

function numbersOf(places: HashPlaces, hash: number): number[] {
  const found: number[] = []
  for (let place = places.start(hash); places.at(place) >= 0; place = places.after(place)) {
    if (places.has(place, hash)) found.push(places.at(place))
  }
  return found.sort((left, right) => left - right)
}

it('finds what was added and not removed, however the hashes collide', () => {
  const hash = fc.constantFrom(0, 1, 63, 64, 127, 2 ** 31, 2 ** 32 + 63, 2 ** 52 + 5)
  const step = fc.record({ number: fc.nat(200), hash })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const places = new HashPlaces()
      const model = new Map<number, number>()
      for (const { number, hash } of steps) {
        const known = model.get(number)
        if (known !== undefined) {
          places.remove(number, known)
          model.delete(number)
        } else {
          model.set(number, hash)
          places.add(number, hash)
        }
      }
      for (const hash of model.values()) {
        const wanted = [...model].flatMap(([number, own]) => ((own | 0) === (hash | 0) ? [number] : []))
        expect(numbersOf(places, hash)).toEqual(wanted.sort((left, right) => left - right))
      }
    }),
  )
})
