import fc from 'fast-check'
import { expect, it } from 'vitest'
import { recordBytes } from '../../../core/ports/source.ts'
import { HttpProblem } from './http-problem.ts'
import { jsonValues } from './json-values.ts'

function cut(text: string): string[] | 'refused' {
  try {
    return jsonValues(Buffer.from(text), 1000).map((record) => Buffer.from(recordBytes(record)).toString())
  } catch (error) {
    if (error instanceof HttpProblem && error.status === 400) return 'refused'
    throw error
  }
}

function arrayOf(text: string): unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}

it('the elements of an array are those that JSON.parse finds, however it is written', () => {
  const indents = fc.constantFrom('', ' ', '\t', '\r\n', '  ')
  fc.assert(
    fc.property(fc.array(fc.jsonValue(), { maxLength: 8 }), indents, (values, indent) => {
      const text = `${indent}${JSON.stringify(values, null, indent)}${indent}`
      const found = cut(text)
      if (found === 'refused') throw new Error(`refused: ${text}`)
      expect(found.map((element) => JSON.parse(element) as unknown)).toEqual(JSON.parse(text))
    }),
    { numRuns: 500 },
  )
})

it('what JSON.parse takes for an array is cut as it does; of the rest nothing is left out', () => {
  const piece = fc.constantFrom(
    '[',
    ']',
    '{',
    '}',
    ',',
    ':',
    '"',
    '\\',
    '"a"',
    '1',
    'true',
    ' ',
    '\n',
    '\\"',
    'é',
    '{"a":[1]}',
  )
  let arrays = 0
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), fc.boolean(), (pieces, isWrapped) => {
      const text = isWrapped ? `[${pieces.join('')}]` : pieces.join('')
      const found = cut(text)
      const parsed = arrayOf(text)
      if (parsed) {
        arrays++
        expect(found).not.toBe('refused')
        expect((found as string[]).map((element) => JSON.parse(element) as unknown)).toEqual(parsed)
      } else if (found !== 'refused') {
        const skipped = text.trim().startsWith('[') ? /[\s,[\]]/g : /\s/g
        expect(found.join('').replace(skipped, '')).toBe(text.replace(skipped, ''))
      }
    }),
    { numRuns: 5000 },
  )
  expect(arrays).toBeGreaterThan(20)
})

it('takes 2 MB of brackets and of backslashes without ado', () => {
  for (const text of [
    '['.repeat(2e6),
    '{'.repeat(2e6),
    `["${'\\'.repeat(2e6)}`,
    `["${'\\"'.repeat(1e6)}"]`,
  ]) {
    const records = text.endsWith('"]') ? 1 : 'refused'
    const found = cut(text)
    expect(found === 'refused' ? found : found.length).toBe(records)
  }
})
