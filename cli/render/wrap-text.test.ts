import { expect, it } from 'vitest'
import { wrapText } from './wrap-text.ts'

it('breaks at blanks and cuts words that are longer than a line', () => {
  expect(wrapText('one two three', 7)).toEqual(['one two', 'three'])
  expect(wrapText('a abcdefghij b', 4)).toEqual(['a', 'abcd', 'efgh', 'ij b'])
  expect(wrapText('', 10)).toEqual([''])
  expect(wrapText('whole line', Number.POSITIVE_INFINITY)).toEqual(['whole line'])
})
