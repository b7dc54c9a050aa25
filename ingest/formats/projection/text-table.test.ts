import { expect, it, vi } from 'vitest'
import { LineBytes } from './line-bytes.ts'
import { lookUp, TextTable } from './text-table.ts'
import { addPlain, addText, Tokens } from './tokens.ts'

// Where texts go depends on a key of the process: one in some twenty sends so many to places beside each other that one of them is not
// kept, as is allowed. These tests are about texts that find a place.
vi.mock('node:crypto', async (original) => ({
  ...(await original<typeof import('node:crypto')>()),
  randomBytes: () => Buffer.from('9e3779b985ebca6b', 'hex'),
}))

const large = { entriesMax: 100_000, bytesMax: 8 * 1024 * 1024 }

interface Made {
  readonly place: number
  readonly text: string
}

function tableOf(bounds = large) {
  const table = new TextTable<Made>((place, text) => ({ place, text }), bounds)
  const line = new LineBytes()
  const tokens = new Tokens()
  const numbered = (text: string, place = 7, isQuoted = true): number => {
    const bytes = Buffer.from(`"${text}"`)
    line.open(bytes, 0, bytes.length)
    tokens.length = 0
    if (isQuoted) addText(tokens, tokens, line, line.start + 1, place)
    else addPlain(tokens, line, line.start + 1, line.end - 1, place)
    const [, from = 0, end = 0, hash = 0, tail = 0] = tokens.ints
    return lookUp(table, line, place, from, end, hash, tail)
  }
  return {
    table,
    numberOf: numbered,
    /** What the table gives for a text, found from its bytes in either of the two ways. */
    get(text: string, place = 7, isQuoted = true): Made | undefined {
      const number = numbered(text, place, isQuoted)
      return number === 0 ? table.made : table.values[number]
    },
    hashOf(text: string): number | undefined {
      const bytes = Buffer.from(`"${text}"`)
      line.open(bytes, 0, bytes.length)
      tokens.length = 0
      addText(tokens, tokens, line, line.start + 1, 7)
      return tokens.ints[3]
    },
  }
}

it('gives the same value for the same bytes, of any length, in either way of reading them', () => {
  const { get } = tableOf()
  const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789'.repeat(8)
  const made = new Map<string, Made | undefined>()
  for (let length = 0; length <= 256; length++) made.set(alphabet.slice(0, length), undefined)
  for (let length = 1; length <= 40; length++) made.set(`${'a'.repeat(length - 1)}b`, undefined)
  for (const text of made.keys()) made.set(text, get(text))
  for (const [text, value] of made) {
    expect(value).toEqual({ place: 7, text })
    expect(get(text)).toBe(value)
    expect(get(text, 7, false)).toBe(value)
  }
})

it('keeps fields apart, and remembers that a text tells nothing', () => {
  const { get } = tableOf()
  expect(get('GET', 3)).toEqual({ place: 3, text: 'GET' })
  expect(get('GET', 4)).toEqual({ place: 4, text: 'GET' })
  expect(get('GET', 3)).toEqual({ place: 3, text: 'GET' })
  let asked = 0
  const none = new TextTable(() => void asked++, large)
  const line = new LineBytes()
  const bytes = Buffer.from('abcd')
  line.open(bytes, 0, 4)
  for (let again = 0; again < 2; again++) {
    expect(none.values[lookUp(none, line, 1, line.start, line.end, 99, 0)]).toBeUndefined()
  }
  expect(asked).toBe(1)
})

it('tells a hundred thousand texts apart', () => {
  const { get } = tableOf()
  for (let index = 0; index < 100_000; index++) get(`user-${index}`)
  for (let index = 0; index < 100_000; index += 17) expect(get(`user-${index}`)?.text).toBe(`user-${index}`)
})

it('tells texts apart that were made to have one hash', () => {
  const { get, hashOf, table } = tableOf()
  // A letter's case is bit 5; in the last byte of two words an even distance apart it cancels out.
  const twelve = Array.from({ length: 1 << 12 }, (_, bits) =>
    Array.from({ length: 12 }, (_, bit) =>
      (bits >> bit) & 1 ? 'yyyAyyyyyyyayyyy' : 'yyyayyyyyyyAyyyy',
    ).join(''),
  )
  expect(new Set(twelve.map(hashOf)).size).toBe(1)
  for (let again = 0; again < 2; again++) {
    for (const text of twelve) expect(get(text)?.text).toBe(text)
    expect(get('innocent')?.text).toBe('innocent')
  }
  expect(table.size).toBeLessThanOrEqual(2 * large.entriesMax)
})

it('is bounded in entries and bytes, and what is used stays', () => {
  for (const bounds of [
    { entriesMax: 100, bytesMax: 1024 * 1024 },
    { entriesMax: 100_000, bytesMax: 8192 },
  ]) {
    const { table, get } = tableOf(bounds)
    const kept = get('kept')
    for (let index = 0; index < 5000; index++) {
      expect(get(`text number ${index}`)?.text).toBe(`text number ${index}`)
      expect(get('kept')).toBe(kept)
      // No entry takes less than 32 bytes.
      expect(table.size).toBeLessThanOrEqual(2 * Math.min(bounds.entriesMax, bounds.bytesMax / 32))
    }
  }
})

it('numbers texts: the same one each time, no two alike, and small ones', () => {
  const { table, numberOf, get } = tableOf({ entriesMax: 50, bytesMax: 1024 * 1024 })
  const kept = numberOf('kept')
  for (let index = 0; index < 5000; index++) {
    const text = `text ${(index * index) % 977}`
    const number = numberOf(text)
    expect(number).toBeGreaterThan(0)
    expect(number).toBeLessThanOrEqual(2 * 50)
    expect(table.values[number]?.text).toBe(text)
    expect(numberOf(text)).toBe(number)
    expect(numberOf('kept')).toBe(kept)
    const texts = table.values.flatMap((made) => (made ? [made.text] : []))
    expect(new Set(texts).size).toBe(texts.length)
  }
  expect(get('kept')?.text).toBe('kept')
})

it('does not keep long texts', () => {
  const { table, get } = tableOf()
  const long = 'x'.repeat(257)
  expect(get(long)?.text).toBe(long)
  expect(get(long)).not.toBe(get(long))
  expect(table.size).toBe(0)
})
