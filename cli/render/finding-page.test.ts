import { expect, it } from 'vitest'
import { decisionOf, findingOf } from '../../test/contracts/state-store-contract.ts'
import { decisionLine } from './decision-line.ts'
import { decisionsTable } from './decisions-table.ts'
import { findingLine } from './finding-line.ts'
import { findingPage, findingStoryLine } from './finding-page.ts'
import { findingsTable } from './findings-table.ts'

const finding = findingOf('f-1', Date.UTC(2026, 10, 22))
/** Sets a terminal's title, and goes back in the line. */
const obeyed = '\u001b]0;x\u0007\r\u202e'

it('prints nothing that a terminal obeys, whoever wrote the finding', () => {
  const entity = { kind: obeyed as 'ip', id: obeyed }
  const names = { id: obeyed, state: obeyed, severity: obeyed, detector: obeyed, manifest: obeyed }
  const hostile = { ...finding, ...names, root: obeyed, continues: obeyed, entity } as typeof finding
  const page = findingPage({ finding: hostile, runs: [], decisions: [] })
  expect(page).not.toMatch(/[\u0007\r\u001b\u202e]/)
  expect(page).toContain('\\u{1b}]0;x')
})

it('shows findings and decisions with times that no date has, and detectors that are called as what every object has', () => {
  const damaged = { ...finding, detector: 'constructor', first: -9e15, last: 9e15 }
  const decision = decisionOf('d-1', { until: 9e15 })
  const story = { finding: damaged, runs: [], decisions: [decision] }
  for (const text of [
    findingsTable([damaged]),
    findingPage(story),
    findingLine(damaged),
    findingStoryLine(story),
  ])
    expect(text).toContain('9000000000000000')
  expect(decisionsTable([decision], '')).toContain('9000000000000000')
  expect(decisionLine(decision)).toContain('9000000000000000')
})
