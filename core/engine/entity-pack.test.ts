import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { EntityRecord } from '../ports/state-store.ts'
import { EntityPacker, packOf, unpack } from './entity-pack.ts'

const texts = [
  '',
  'ip:192.0.2.1',
  'principal:é\u00ff',
  'token:\ud800 \0 x',
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

function plain({ detector, version, entity, bytes }: EntityRecord) {
  return [detector, version, entity, bytes && Buffer.from(bytes).toString('hex')]
}

it('packs records, and gives them back as they were', () => {
  fc.assert(
    fc.property(fc.array(records), (list) => {
      expect([...unpack(packOf(list))].map(plain)).toEqual(list.map(plain))
    }),
  )
})

it('writes a name in two parts, wide or not, and bytes of any length', () => {
  const packer = new EntityPacker()
  packer.of({ id: 'd', version: 2 })
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
  expect([...unpack([packer.pack() as Uint8Array])].map(plain)).toEqual(expected)
})

it('reads what versions before it packed', () => {
  // 'one' version 1: 'ip:1' with the bytes 07 08; then 'ip:2' gone.
  const stored = Buffer.from('0101066f6e65000000000000f03f0869703a31030708000869703a3200', 'hex')
  expect([...unpack([stored])].map(plain)).toEqual([
    ['one', 1, 'ip:1', '0708'],
    ['one', 1, 'ip:2', undefined],
  ])
})

it('refuses a pack that is torn or of another format', () => {
  const [pack] = packOf([
    { detector: 'one', version: 1, entity: 'ip:192.0.2.1 p5', bytes: new Uint8Array(200) },
  ])
  for (let end = 2; end < (pack?.length ?? 0); end++) {
    expect(() => [...unpack([pack?.subarray(0, end) as Uint8Array])], `${end} bytes`).toThrow(RangeError)
  }
  expect(() => [...unpack([new Uint8Array(0)])]).toThrow(RangeError)
  expect(() => [...unpack([Uint8Array.of(9)])]).toThrow('another format')
})
