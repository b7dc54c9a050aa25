import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Document, isNode, Scalar } from 'yaml'
import { parseLocatedYaml } from '../yaml/located-yaml.ts'
import { scalarRange } from './scalar-offset.ts'

/** The text of the file under a piece of the value at `on`. */
function under(text: string, piece: string): string {
  const yaml = parseLocatedYaml('f', text)
  const node = yaml.nodeAt(['on'])
  const value = (yaml.data as { readonly on: string }).on
  if (!isNode(node)) throw new Error('no node')
  const start = value.indexOf(piece)
  const range = scalarRange(text, node, value, { start, end: start + piece.length })
  return text.slice(range.start, range.end)
}

describe('finds a piece of the value', () => {
  it.each([
    ['plain', "on: a == 'x' && score > 1\n"],
    ['plain over lines', "on: a == 'x'\n  && score > 1\n"],
    ['single quoted', "on: 'a == ''x'' && score > 1'\n"],
    ['double quoted', 'on: "a == \\"x\\" && score > 1"\n'],
    ['double quoted with a line break', 'on: "a\\n == \'x\' && score > 1"\n'],
    ['folded', "on: >-\n  a == 'x'\n  && score > 1\n"],
    ['literal', "on: |\n    a == 'x' &&\n      score > 1\n"],
    ['literal with a comment', "on: | # score here\n  a == 'x' && score > 1\n"],
  ])('%s', (_style, text) => {
    expect(under(text, 'score')).toBe('score')
    expect(under(text, 'a')).toBe('a')
  })
})

it('finds every word in every style', () => {
  const word = fc.stringMatching(/^[a-z&|.()'"<>=]{1,8}$/)
  const style = fc.constantFrom(
    Scalar.BLOCK_FOLDED,
    Scalar.BLOCK_LITERAL,
    Scalar.QUOTE_DOUBLE,
    Scalar.QUOTE_SINGLE,
    Scalar.PLAIN,
  )
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 30 }), style, (words, type) => {
      const scalar = new Scalar(`start ${words.join(' ')} marker ${words.join(' ')}`)
      scalar.type = type
      const text = new Document({ on: scalar }).toString({ lineWidth: 40 })
      expect(under(text, ' marker ').trim()).toBe('marker')
    }),
  )
})
