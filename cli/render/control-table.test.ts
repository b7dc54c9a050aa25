import { expect, it } from 'vitest'
import { type ControlRow, controlLine, controlTable } from './control-table.ts'

it('shows entries of another version as far as it can, and those beside them', () => {
  const at = Date.UTC(2026, 10, 22)
  const others = [
    { kind: 'cut' },
    { kind: 'manifest' },
    { kind: 'note' },
    { kind: 'lost-range' },
    { kind: 'new' },
  ]
  const rows = [...others, { kind: 'response', digest: 'r1:0' }].map(
    (entry) => ({ at, ...entry }) as ControlRow,
  )
  const lines = controlTable(rows).split('\n')
  expect(lines).toHaveLength(rows.length + 1)
  expect(lines.at(-1)).toContain('r1:0')
  expect(controlLine({ at: 9e15, kind: 'source-idle', partition: 5 } as unknown as ControlRow)).toContain(
    '"5"',
  )
})
