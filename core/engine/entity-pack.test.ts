import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { EntityPack, EntityRecord } from '../ports/state-store.ts'
import { EntityPacker, packsOf, unpack } from './entity-pack.ts'

const texts = [
  '',
  'ip:192.0.2.1',
  'principal:é\u00ff',
  'token:\ud800 \0 x',
  's-3 ip:192.0.2.1',
  '"quoted"',
  'š'.repeat(5000),
  'a'.repeat(9000),
]
const records: fc.Arbitrary<EntityRecord> = fc.record({
  detector: fc.constantFrom('one', 'two'),
  version: fc.constantFrom(1, -3),
  entity: fc.constantFrom(...texts),
  bytes: fc.option(fc.uint8Array({ maxLength: 40 }), { nil: undefined }),
})

function packOf(bytes: EntityPack['bytes']): EntityPack {
  return { detector: 'd', version: 2, part: 'pane', number: 1, oldest: 1, bytes }
}

function plain({ detector, version, entity, bytes }: EntityRecord) {
  return [detector, version, entity, bytes && Buffer.from(bytes).toString('hex')]
}

it('packs records by the log that they are of, and gives them back as they were', () => {
  fc.assert(
    fc.property(fc.array(records), (list) => {
      const packs = packsOf(list, 7)
      for (const { detector, version, part, number, bytes } of packs) {
        expect(number).toBe(7)
        const own = list.filter(
          (one) =>
            one.detector === detector &&
            one.version === version &&
            one.entity.startsWith('s') === (part === 'slice'),
        )
        expect([...unpack([{ detector, version, part, number, oldest: 1, bytes }])].map(plain)).toEqual(
          own.map(plain),
        )
      }
      expect([...unpack(packs)]).toHaveLength(list.length)
    }),
  )
})

it('writes a name in two parts, wide or not, and bytes of any length', () => {
  const packer = new EntityPacker()
  const expected: unknown[] = []
  for (const [prefix, rest] of [
    ['p5 ip:', '192.0.2.1'],
    ['p5 principal:', 'š'],
    ['š', 'narrow'],
  ] as const) {
    for (const length of [0, 126, 127, 128, 20_000]) {
      packer.begin(prefix, rest)
      packer.out.raw(new Uint8Array(length).fill(7))
      packer.end()
      expected.push(['d', 2, prefix + rest, '07'.repeat(length)])
    }
    packer.gone(prefix, rest)
    expected.push(['d', 2, prefix + rest, undefined])
  }
  expect([...unpack([packOf(packer.pack() as EntityPack['bytes'])])].map(plain)).toEqual(expected)
})

it('refuses a pack that is torn or of another format', () => {
  const [pack] = packsOf([
    { detector: 'd', version: 2, entity: 'p5 ip:192.0.2.1', bytes: new Uint8Array(200) },
  ])
  const bytes = pack?.bytes as EntityPack['bytes']
  for (let end = 2; end < bytes.length; end++) {
    expect(() => [...unpack([packOf(bytes.slice(0, end))])], `${end} bytes`).toThrow(RangeError)
  }
  expect(() => [...unpack([packOf(new Uint8Array(0))])]).toThrow(RangeError)
  expect(() => [...unpack([packOf(Uint8Array.of(9))])]).toThrow('d: a pack of format 9, this version reads 2')
})
