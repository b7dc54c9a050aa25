import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { configContext } from '../../cli/runtime/shipped.ts'
import { configFromText } from '../../config/load-config.ts'
import { formatProblem } from '../../config/yaml/format-problem.ts'
import type { Detector } from '../../core/detector/detector.ts'
import { judgeEvents } from '../engine/judge-events.ts'
import { eventsPage } from './events-page.ts'

const root = join(import.meta.dirname, '..', '..')

it('docs/events.md is what npm run docs writes', () => {
  expect(readFileSync(join(root, 'docs', 'events.md'), 'utf8')).toBe(eventsPage())
})

it.each([
  'README.md',
  'docs/architecture.md',
  'docs/operating.md',
  'docs/replay.md',
  'examples/envoy/README.md',
])('links of %s lead somewhere', (page) => {
  const text = readFileSync(join(root, page), 'utf8')
  const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map((match) => match[1] ?? '')
  for (const link of links) expect(existsSync(join(root, dirname(page), link)), link).toBe(true)
})

/** The first code block of a language under a heading of README.md that starts so. */
function snippet(heading: string, language: string): string {
  const text = readFileSync(join(root, 'README.md'), 'utf8')
  const section = text.split(/^## /m).find((part) => part.startsWith(heading))
  const [, code] = new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'ms').exec(section ?? '') ?? []
  if (code === undefined) throw new Error(`README.md has no ${language} block under '${heading}'`)
  return code
}

describe('the detector and the playbook of README.md', () => {
  const bin = (name: string) => join(root, 'node_modules', '.bin', name)
  let folder = ''
  let detector: Detector

  beforeAll(async () => {
    mkdirSync(join(root, '.cache'), { recursive: true })
    folder = mkdtempSync(join(root, '.cache', 'readme-'))
    const file = join(folder, 'noisy-client.ts')
    // As deep as detectors/noisy-client/, so that the imports lead to core/ as they stand.
    writeFileSync(file, snippet('A detector', 'ts'))
    const imported = (await import(file)) as { readonly noisyClient: Detector }
    detector = imported.noisyClient
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('the detector is typed and formatted as pasted', () => {
    const config = { extends: '../../tsconfig.json', include: ['*.ts'], exclude: [] }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
    execFileSync(bin('tsc'), ['--noEmit', '-p', folder])
    // `.cache` is ignored by version control, and so by biome, unless told otherwise.
    const check = ['check', '--vcs-enabled=false', '--error-on-warnings', join(folder, 'noisy-client.ts')]
    execFileSync(bin('biome'), check, { cwd: root, stdio: 'pipe' })
    expect(readFileSync(join(root, 'README.md'), 'utf8')).toContain(
      '`detectors/noisy-client/noisy-client.ts`',
    )
  }, 120_000)

  it('the detector finds a client that fails fifty times in a window, and none that fails less', () => {
    const failures = (count: number) =>
      Array.from({ length: count }, (_, index) => ({
        time: Date.UTC(2026, 0, 5, 9) + index * 1000,
        'client.ip': '203.0.113.9',
        status: 503,
      }))
    expect(judgeEvents(detector, failures(49)).finals).toEqual([])
    expect(judgeEvents(detector, failures(50)).finals).toMatchObject([
      { entity: { kind: 'ip', id: '203.0.113.9' }, severity: 'medium', evidence: { failures: 50 } },
    ])
  })

  it('the playbook loads with the detector, in dry run', () => {
    writeFileSync(join(folder, 'slow-noisy-clients.yaml'), snippet('A playbook', 'yaml'))
    const context = configContext()
    const detectors = [...context.detectors, detector]
    const text = 'playbooks: [slow-noisy-clients.yaml]\n'
    const result = configFromText('picket.yaml', text, folder, { ...context, detectors })
    expect(result.ok ? [] : result.problems.map(formatProblem)).toEqual([])
    expect(result).toMatchObject({ playbooks: [{ playbook: { id: 'slow-noisy-clients', mode: 'dry_run' } }] })
    // Without the detector the same playbook is refused, so the line above says something.
    expect(configFromText('picket.yaml', text, folder, context).ok).toBe(false)
  })
})
