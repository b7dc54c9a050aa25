import { expect, it } from 'vitest'
import { plainText } from './plain-text.ts'

it('leaves ordinary text of any language alone', () => {
  expect(plainText('Grüße, 你好 😀')).toBe('Grüße, 你好 😀')
})

it('removes what moves a cursor, ends a line or reorders text', () => {
  expect(plainText('a\u001b[31mb\r\nc\u202ed\u200be\u2028f\u0000')).toBe('a [31mb c d e f')
})

it('cuts to the length, never through a character', () => {
  expect(plainText('abcdef', 4)).toBe('abc…')
  expect(plainText('ab😀cd', 4)).toBe('ab…')
})
