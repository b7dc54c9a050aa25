import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseLocatedYaml } from './located-yaml.ts'
import { indentingTabs, spacedText, tabWidths } from './spaced-tabs.ts'

it.each([
  ['a:\n\tb: 1\n', [3]],
  ['a:\n  \tb: 1\n', [5]],
  ['a:\tb\n', []],
  ['a: b\n\t\n\t# comment\nc: d', []],
  ['\ta\n\t\tb', [0, 3]],
])('the tabs that indent %j', (text, offsets) => {
  expect(indentingTabs(text)).toEqual(offsets)
})

it('every character stands where it stood, whatever the width', () => {
  const fragment = fc.constantFrom('a', ':', ' ', '\t', '\n', '\n\t', '\n  \t')
  fc.assert(
    fc.property(fc.array(fragment), fc.constantFrom(...tabWidths), (fragments, width) => {
      const text = fragments.join('')
      const spaced = spacedText(text, width)
      for (let start = 0; start < spaced.text.length; start++) {
        if (/\s/.test(spaced.text[start] ?? '')) continue
        const range = spaced.original({ start, end: start + 1 })
        expect(text.slice(range.start, range.end)).toBe(spaced.text[start])
      }
    }),
  )
})

describe('a file that tabs indent', () => {
  const messages = (text: string) =>
    parseLocatedYaml('f', text).problems.map(({ line, col, message }) => `${line}:${col}: ${message}`)

  it.each([
    ['in a list', 'a:\n  - b: 1\n\t- c: 2\n    d: 3\nfoo: 1\n', '3:1'],
    ['behind spaces', 'a:\n  - b: 1\n  \tc: 2\n', '3:3'],
    ['inside brackets', 'a: {\n\tb: 1\n}\n', '2:1'],
    ['in a block of text', 'a: |\n  b\n\tc\n', '3:1'],
    ['in quotes', "a: 'x\n\ty'\n", '2:1'],
  ])('has one problem: %s', (_where, text, place) => {
    expect(messages(text)).toEqual([`${place}: a tab indents this line`])
  })

  it('has one problem for all its tabs', () => {
    expect(messages('a:\n\t- x\n\t- y\n\t- z\n')).toEqual([
      '2:1: a tab indents this line, and 2 further lines',
    ])
    expect(messages('a:\n\t- x\n\t- y\n')).toEqual(['2:1: a tab indents this line, and one further line'])
  })

  it('keeps the problems that tabs have no part in', () => {
    expect(messages('a:\n\tb: 1\nc: [1, 2\n')).toEqual([
      '2:1: a tab indents this line',
      expect.stringMatching(/^4:1: /),
    ])
    expect(messages('a: {\n  \tb: 1 }\nc: "x\n')).toEqual(['3:4: this quote has no end'])
  })

  it('is read as far as every width that fits says the same', () => {
    expect(parseLocatedYaml('f', 'a:\n\tb: 1\n').data).toEqual({ a: { b: 1 } })
    // At one column this is `a.c`, at four `a.b.c`.
    expect(parseLocatedYaml('f', 'a:\n b:\n\tc: 1\n').data).toBeUndefined()
  })

  it('names places as they are in the file', () => {
    const yaml = parseLocatedYaml('f', 'a:\n\t\tb: here\nc: there\n')
    const place = (path: readonly string[]) => yaml.problem(yaml.rangeOf(path), 'x')
    expect(place(['a', 'b'])).toMatchObject({ line: 2, col: 6, length: 4 })
    expect(place(['c'])).toMatchObject({ line: 3, col: 4, length: 5 })
  })
})
