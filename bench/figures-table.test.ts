import { expect, it } from 'vitest'
import { docsTable } from './docs-table.ts'
import { type FigureSpec, isMet, type Outcome, type Target } from './figure.ts'
import { figuresTable, shortNumber } from './figures-table.ts'
import type { HistoryEntry } from './history.ts'

const ratioAtLeast: Target = { of: 'ratio', atLeast: 2 }
const valueBelow: Target = { of: 'value', below: 50 }

it.each<[Target | undefined, Outcome, boolean | undefined]>([
  [ratioAtLeast, { value: 200, reference: 100 }, true],
  [ratioAtLeast, { value: 199, reference: 100 }, false],
  [ratioAtLeast, { value: 200 }, undefined],
  [valueBelow, { value: 49, reference: 1 }, true],
  [valueBelow, { value: 50 }, false],
  [valueBelow, { unavailable: 'no broker' }, undefined],
  [undefined, { value: 1 }, undefined],
])('%j with %j: %s', (target, outcome, met) => {
  expect(isMet({ outcome, ...(target ? { target } : {}) })).toBe(met)
})

it.each([
  [86_207.4, '86,207'],
  [999.4, '999'],
  [12.345, '12.3'],
  [0.012_345, '0.0123'],
])('%d is shown as %s', (value, text) => {
  expect(shortNumber(value)).toBe(text)
})

const spec: FigureSpec = {
  id: 'speed',
  what: 'how fast',
  unit: 'events/s',
  reference: 'parsing',
  target: ratioAtLeast,
}

it('a row holds value, reference, ratio, target and whether it is met', () => {
  const [, row] = figuresTable([{ ...spec, outcome: { value: 3000, reference: 1000, note: 'hot' } }]).split(
    '\n',
  )
  expect(row?.split(/ {2,}/)).toEqual([
    'speed',
    '3,000 events/s',
    '1,000 events/s (parsing)',
    '3.00',
    '≥ 2',
    'met',
    'hot',
  ])
})

it('the table of the docs shows the newest run that measured a figure', () => {
  const machine = { cores: 2, cpu: 'a', memoryGb: 1, node: 'v20' }
  const run = (date: string, commit: string, id: string, value: number): HistoryEntry => ({
    date,
    commit,
    machine,
    events: 10,
    rounds: 1,
    figures: [{ id, unit: 'events/s', outcome: { value, reference: 100 } }],
  })
  const history = [
    run('2026-01-01T00:00:00.000Z', 'old', 'speed', 100),
    run('2026-01-02T00:00:00.000Z', 'new', 'speed', 300),
    run('2026-01-03T00:00:00.000Z', 'other', 'size', 1),
  ]
  const lines = docsTable([spec, { ...spec, id: 'never' }], history).split('\n')
  expect(lines[2]).toBe('| `speed` | 300 events/s | 3.00 | ≥ 2 | met | 2026-01-02, new, 10 events |  |')
  expect(lines[3]).toBe('| `never` | not measured |  |  |  |  |  |')
})
