import { expect, it } from 'vitest'
import { safeLines, safeText } from './safe-text.ts'
import { renderTable } from './table.ts'

it('shows escapes instead of obeying them', () => {
  expect(safeText('a\u001b[31mred\r\n\u202eback\u0000')).toBe(
    'a\\u{1b}[31mred\\u{d}\\u{a}\\u{202e}back\\u{0}',
  )
  expect(safeText('x'.repeat(200))).toHaveLength(80)
})

it('keeps the lines of a message, each of them safe and whole', () => {
  expect(safeLines(`one\u001b[2J\n${'x'.repeat(300)}\u202e`)).toBe(
    `one\\u{1b}[2J\n${'x'.repeat(300)}\\u{202e}`,
  )
})

it('aligns columns and keeps a hostile cell in its row', () => {
  const text = renderTable(
    [{ name: 'a\nb' }, { name: 'long name' }],
    [{ heading: 'NAME', text: (row) => row.name }],
    '',
  )
  expect(text.split('\n')).toEqual(['NAME', 'a\\u{a}b', 'long name'])
})

it('wraps the last column below itself', () => {
  const text = renderTable(
    [{ id: 'x', why: 'a reason that is longer than the line' }],
    [
      { heading: 'ID', text: (row) => row.id },
      { heading: 'WHY', text: (row) => row.why, tone: 'bad' },
    ],
    '',
    { paint: (tone, text) => (tone === 'bad' ? `<${text}>` : text), width: 28 },
  )
  expect(text.split('\n')).toEqual(['ID  WHY', 'x   <a reason that is longer>', '    <than the line>'])
})
