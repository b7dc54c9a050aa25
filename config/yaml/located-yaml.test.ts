import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseLocatedYaml } from './located-yaml.ts'

const text = `space: one
sources:
  - type: file
    paths: [a.log, "b.log"]
`

describe('places', () => {
  const yaml = parseLocatedYaml('picket.yaml', text)
  const shown = (path: readonly (string | number)[]) => {
    const { start, end } = yaml.rangeOf(path)
    return text.slice(start, end)
  }

  it('of values', () => {
    expect(shown(['space'])).toBe('one')
    expect(shown(['sources', 0, 'paths', 1])).toBe('"b.log"')
  })

  it('of what is missing: the nearest ancestor that is there', () => {
    expect(yaml.problem(yaml.rangeOf(['sources', 0, 'format']), 'x')).toMatchObject({
      line: 3,
      col: 5,
      length: 1,
    })
    expect(yaml.problem(yaml.rangeOf(['nothing', 'here']), 'x')).toMatchObject({ line: 1, col: 1 })
  })

  it('of keys', () => {
    const { start, end } = yaml.keyRange(['sources', 0], 'paths')
    expect(text.slice(start, end)).toBe('paths')
  })

  it('at the end of the text', () => {
    const problem = yaml.problem({ start: text.length, end: text.length + 5 }, 'x')
    expect(problem).toMatchObject({ line: 5, col: 1, length: 1, source: '' })
  })
})

it('gives data without surprises', () => {
  expect(parseLocatedYaml('f', 'a: yes\nb: 012\nc: 2026-01-01\non: off').data).toEqual({
    a: 'yes',
    b: 12,
    c: '2026-01-01',
    on: 'off',
  })
})

it.each([
  ['[', 200_000],
  ['- ', 100_000],
  ['{a: ', 50_000],
  ['? ', 50_000],
  ['a: &a [*a, ', 1000],
  ['\n', 200_000],
  ['- [\n', 40_000],
])('survives %j %i times over', (piece, times) => {
  const yaml = parseLocatedYaml('f', piece.repeat(times))
  expect(yaml.data === undefined ? yaml.problems.length : 1).toBeGreaterThan(0)
})

it('survives blocks nested by indentation', () => {
  const nested = Array.from({ length: 600 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')
  expect(parseLocatedYaml('f', nested).problems[0]).toMatchObject({
    message: 'the values are nested too deep',
  })
})

it('never throws, and gives either data or problems that lie in the text', () => {
  const fragment = fc.constantFrom(
    'a',
    ': ',
    '\n',
    '  ',
    '- ',
    '"',
    "'",
    '[',
    ']',
    '{',
    '}',
    '&a ',
    '*a',
    '|',
    '>',
    '\t',
    '#',
    '!x ',
    '---\n',
    '%',
    '\u0000',
    ',',
  )
  fc.assert(
    fc.property(fc.array(fragment, { maxLength: 40 }), (fragments) => {
      const source = fragments.join('')
      const lines = source.split('\n')
      for (const { line, col } of parseLocatedYaml('f', source).problems) {
        expect(line).toBeLessThanOrEqual(lines.length)
        expect(col).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 2)
      }
    }),
    { numRuns: 500 },
  )
})
