import { expect, it } from 'vitest'
import { formatProblem } from './format-problem.ts'
import { sortProblems } from './problem.ts'

const at = { file: 'picket.yaml', line: 12, message: 'is wrong' }

it('shows the place, the line, a caret and the hint', () => {
  expect(formatProblem({ ...at, col: 8, source: 'space: Hello', length: 5, hint: 'write it small' })).toBe(
    `picket.yaml:12:8: is wrong
  12 | space: Hello
     |        ^^^^^
  hint: write it small`,
  )
})

it('shows no empty line', () => {
  expect(formatProblem({ ...at, col: 1, source: '  ' })).toBe('picket.yaml:12:1: is wrong')
})

it('keeps the caret under the place when what stands before it must be escaped', () => {
  const [, source = '', caret = ''] = formatProblem({ ...at, col: 9, source: 'a\u001b[2Jb\tcX' }).split('\n')
  expect(source).toBe('  12 | a\\u{1b}[2Jb cX')
  expect(caret.indexOf('^')).toBe(source.indexOf('X'))
})

it.each(['\u001b]0;title\u0007', '\u202e', '\u2028', '\r', '\ud800', '\u200b', '\u009b'])(
  'escapes %j everywhere',
  (text) => {
    const shown = formatProblem({
      file: text,
      line: 1,
      col: 1,
      message: text,
      hint: text,
      source: `x${text}`,
    })
    expect(shown).not.toContain(text)
  },
)

it('cuts a long line around the place', () => {
  const source = `${'a'.repeat(5000)}HERE${'b'.repeat(5000)}`
  const [, line = '', caret = ''] = formatProblem({ ...at, col: 5001, source, length: 4 }).split('\n')
  expect(line.length).toBeLessThan(120)
  expect(caret.indexOf('^')).toBe(line.indexOf('HERE'))
  expect(caret.trimEnd().length).toBe(line.indexOf('HERE') + 4)
})

it('puts problems in the order of the text', () => {
  const problems = [
    { ...at, line: 2, col: 9 },
    { ...at, line: 2, col: 3 },
    { ...at, line: 1, col: 50 },
    { ...at, file: 'a.yaml', line: 9, col: 1 },
  ]
  expect(sortProblems(problems).map(({ file, line, col }) => `${file}:${line}:${col}`)).toEqual([
    'a.yaml:9:1',
    'picket.yaml:1:50',
    'picket.yaml:2:3',
    'picket.yaml:2:9',
  ])
})
