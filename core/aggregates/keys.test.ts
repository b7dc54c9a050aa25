import fc from 'fast-check'
import { expect, it } from 'vitest'
import { publicHash } from '../hash/keyed-hash.ts'
import { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import { Keys } from './keys.ts'

/** Few, so that they come again; of equal lengths and ends; long ones, and such as take more bytes than characters. */
const text = fc.oneof(
  fc.constantFrom(
    '',
    'a',
    'b',
    'é',
    '\u00e9a',
    'Ã©',
    '\ufeffa',
    'x'.repeat(127),
    'x'.repeat(128),
    'x'.repeat(300),
  ),
  fc.string({ unit: 'grapheme', maxLength: 3 }),
)

it('reads the number of a text, whether it was made before or not, and no text for another', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ text, isKept: fc.boolean() }), { maxLength: 60 }), (steps) => {
      const keys = new Keys(publicHash)
      const out = new ByteWriter()
      for (const step of steps) out.text(step.text)
      const from = new ByteReader(out.finish())
      for (const step of steps) {
        const key = keys.read(from)
        expect(keys.texts[key]).toBe(step.text)
        expect(keys.numberOf(step.text)).toBe(key)
        // Numbers of what is given up stand for other texts later.
        if (step.isKept) keys.hold(key)
        else keys.drop(key)
      }
      expect(from.done).toBe(true)
    }),
    { numRuns: 300 },
  )
})

it('reads no further than the record goes', () => {
  const keys = new Keys(publicHash)
  const out = new ByteWriter()
  out.text('abcd')
  const bytes = out.finish()
  keys.hold(keys.read(new ByteReader(bytes)))
  const torn = new ByteReader(bytes)
  torn.within(0, 3)
  expect(() => keys.read(torn)).toThrow(RangeError)
})
