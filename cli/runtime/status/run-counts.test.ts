import { expect, it } from 'vitest'
import type { Finding } from '../../../core/detector/finding.ts'
import type { JournalEntry } from '../../../core/response/journal.ts'
import { RunCounts } from './run-counts.ts'

const finding = (id: string, severity: Finding['severity']) =>
  ({ id, detector: 'jti-reuse', severity }) as Finding

it('counts a finding once for each severity that it has had, however often it is committed', () => {
  const counts = new RunCounts()
  counts.committed([finding('f-1', 'medium'), finding('f-2', 'high')])
  counts.committed([finding('f-1', 'medium')])
  counts.committed([finding('f-1', 'high')])
  expect([...counts.findings]).toEqual([
    ['jti-reuse', 'medium', 1],
    ['jti-reuse', 'high', 2],
  ])
})

it('forgets old findings, so that a flood of them takes no memory', () => {
  const counts = new RunCounts()
  counts.committed(Array.from({ length: 20_001 }, (_, index) => finding(`f-${index}`, 'low')))
  counts.committed([finding('f-20000', 'low'), finding('f-0', 'low')])
  expect([...counts.findings]).toEqual([['jti-reuse', 'low', 20_002]])
})

it('counts results of steps, and not intents or what a person did', () => {
  const counts = new RunCounts()
  const entry = (more: Partial<JournalEntry>) =>
    ({ kind: 'result', run: 'r-1', action: 'deny', status: 'applied', ...more }) as JournalEntry
  counts.responded({
    journal: [entry({}), entry({ kind: 'intent' }), entry({ run: 'manual' }), entry({ status: 'refused' })],
  })
  expect([...counts.steps]).toEqual([
    ['deny', 'applied', 1],
    ['deny', 'refused', 1],
  ])
})
