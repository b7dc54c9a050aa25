import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { chosenMeasures } from './bench-command.ts'
import { docsPath } from './docs-table.ts'
import { type BenchOptions, figuresOf, type Measure } from './figure.ts'
import { measures } from './figures.ts'
import { figuresTable } from './figures-table.ts'
import { decisionLookups } from './measures/decision-lookups.ts'
import { fileToFindings } from './measures/file-to-findings.ts'
import { twoWorkers } from './measures/two-workers.ts'
import { peerMeasures } from './peers/peer-measures.ts'

let options: BenchOptions
beforeAll(() => {
  const folder = mkdtempSync(join(tmpdir(), 'picket-bench-test-'))
  options = { events: 2000, rounds: 1, seed: 7, quick: true, built: false, folder, report: () => {} }
})
afterAll(() => rmSync(options.folder, { recursive: true }))

const ids = [...measures, ...peerMeasures].flatMap(({ figures }) => figures.map(({ id }) => id))

it('docs/performance.md names every figure and no other, in its table and in what each one is', () => {
  const text = readFileSync(docsPath, 'utf8')
  const table = [...text.matchAll(/^\| `([^`]+)` \| .*\| .*\| .*\| .*\| .*\| /gm)].map((match) => match[1])
  expect(table).toEqual(ids)
  const section = text.split('### What each one is')[1]?.split('\n## ')[0] ?? ''
  const told = [...section.matchAll(/`([a-z]+[a-z0-9.-]*)`/g)].map((match) => match[1] ?? '')
  expect(ids.filter((id) => !told.includes(id))).toEqual([])
})

it('no id stands for two things', () => {
  const own = [...measures, ...peerMeasures].map(({ id }) => id).filter((id) => !ids.includes(id))
  expect(new Set([...ids, ...own]).size).toBe(ids.length + own.length)
})

it.each([fileToFindings, decisionLookups])(
  'the measure $id gives all its figures, from the sources',
  async (measure: Measure) => {
    const figures = await figuresOf(measure, options)
    expect(figures.map(({ id }) => id)).toEqual(measure.figures.map(({ id }) => id))
    for (const { id, outcome } of figures) {
      expect(outcome, id).toMatchObject({ value: expect.any(Number), reference: expect.any(Number) })
      if (!('unavailable' in outcome)) expect(outcome.value).toBeGreaterThan(0)
    }
    const lines = figuresTable(figures).split('\n')
    expect(lines).toHaveLength(figures.length + 1)
  },
  120_000,
)

it('a figure that cannot be measured says why, and the bench goes on', async () => {
  const broken: Measure = { ...twoWorkers, run: () => Promise.reject(new Error('no\n such thing')) }
  const [figure] = await figuresOf(broken, options)
  expect(figure?.outcome).toEqual({ unavailable: 'no such thing' })
  expect(figuresTable(figure ? [figure] : [])).toContain('not available')
})

it('measures are chosen by their id or that of a figure', () => {
  const chosen = (...only: string[]) => chosenMeasures(measures, only).map(({ id }) => id)
  expect(chosen('lookup-p99', 'kafka')).toEqual(['kafka', 'lookup'])
  expect(chosenMeasures(measures, undefined)).toEqual(measures)
  expect(() => chosen('looks')).toThrow('no figure is called looks')
})
