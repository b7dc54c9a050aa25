import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const pipeline = [
  'core',
  'detectors',
  'ingest',
  'actions',
  'config',
  'storage',
  'enforcement',
  'console',
  'cli',
] as const
/** Measures the pipeline from outside, and so nothing imports it. */
const folders = [...pipeline, 'bench'] as const
type Folder = (typeof folders)[number]

/** Which folders of ours each folder may import from, besides itself: the table in docs/architecture.md. */
const arrows: Record<Folder, readonly string[]> = {
  core: [],
  detectors: ['core'],
  ingest: ['core'],
  actions: ['core'],
  config: ['core'],
  storage: ['core'],
  enforcement: ['core'],
  console: ['core'],
  cli: pipeline,
  bench: [...pipeline, 'test'],
}

/** Where the outside world is met, and so a clock, a timer or chance may be used. */
const adapters = ['cli/', 'ingest/sources/', 'storage/', 'enforcement/', 'actions/http/', 'bench/']

/** Calls that would make a result depend on more than its arguments, and what to use instead. */
const banned: readonly (readonly [RegExp, string])[] = [
  [/\bDate\.now\(/, 'take the time as an argument, or the Clock port'],
  [/\bnew Date\(\)/, 'take the time as an argument, or the Clock port'],
  [/\bperformance\.now\(/, 'measure in cli/ or bench/'],
  [/\bMath\.random\(/, 'use the keyed hash, or an id given by the caller'],
  [/\bsetTimeout\(|\bsetInterval\(/, 'wait through the sleep port'],
  [/\bconsole\.\w+\(/, 'return it, or log through cli/'],
]

const fileLinesMax = 250

interface File {
  readonly path: string
  readonly text: string
}

function filesIn(folder: string): File[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(root, folder, name))
    .filter((path) => !path.includes('node_modules') && statSync(path).isFile())
    .map((path) => ({
      path: relative(root, path),
      text: /\.(gz|db|png)$/.test(path) ? '' : readFileSync(path, 'utf8'),
    }))
}

function existing(folders: readonly string[]): string[] {
  return folders.filter((folder) => statSync(join(root, folder), { throwIfNoEntry: false })?.isDirectory())
}

const sources = existing(folders)
  .flatMap(filesIn)
  .filter(({ path }) => path.endsWith('.ts'))
const shipped = sources.filter(({ path }) => !path.endsWith('.test.ts') && !path.includes('/fixtures/'))

it('folders import only along the arrows of docs/architecture.md', () => {
  const wrong = shipped.flatMap(({ path, text }) => {
    const folder = path.split('/')[0] as Folder
    return [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)]
      .map((match) => relative(root, join(root, path, '..', match[1] ?? '')).split('/')[0] ?? '')
      .filter((target) => target !== folder && !arrows[folder].includes(target))
      .map(
        (target) =>
          `${path} imports ${target}/, but ${folder}/ may import ${arrows[folder].join(', ') || 'nothing of ours'}`,
      )
  })
  expect(wrong).toEqual([])
})

it('nothing imports bench', () => {
  const wrong = [...shipped, ...filesIn('test').filter(({ path }) => path.endsWith('.ts'))]
    .filter(({ path }) => !path.startsWith('bench/'))
    .filter(({ text }) => /(?:from|import)\s*\(?\s*'[^']*\/bench\//.test(text))
  expect(wrong.map(({ path }) => path)).toEqual([])
})

it('core does no input or output', () => {
  const wrong = shipped
    .filter(({ path }) => path.startsWith('core/'))
    .filter(({ text }) =>
      /from 'node:(fs|net|http|https|child_process|worker_threads|dgram|tls|timers)/.test(text),
    )
  expect(wrong.map(({ path }) => path)).toEqual([])
})

it('time and chance come in as arguments', () => {
  const wrong = shipped
    .filter(({ path }) => !adapters.some((adapter) => path.startsWith(adapter)))
    .flatMap(({ path, text }) =>
      banned
        .filter(([call]) => call.test(text))
        .map(([call, instead]) => `${path}: ${call.source} — ${instead}`),
    )
  expect(wrong).toEqual([])
})

it(`no file is longer than ${fileLinesMax} lines`, () => {
  const wrong = shipped.map(({ path, text }) => [path, text.split('\n').length] as const)
  expect(wrong.filter(([, lines]) => lines > fileLinesMax)).toEqual([])
})

it('nothing is left to do, and nothing is called by a name that says nothing', () => {
  const marker = new RegExp(['TO', 'DO|FIX', 'ME|XX', 'X'].join(''))
  expect(sources.filter(({ text }) => marker.test(text)).map(({ path }) => path)).toEqual([])
  expect(
    sources.filter(({ path }) => /\/(utils?|helpers?|common|misc)(\/|\.)/.test(path)).map(({ path }) => path),
  ).toEqual([])
})

function foldersIn(folder: string): string[] {
  return readdirSync(join(root, folder)).filter((name) => statSync(join(root, folder, name)).isDirectory())
}

const detectorIds = foldersIn('detectors')

describe.each(detectorIds)('detector %s', (id) => {
  const names = filesIn(`detectors/${id}`).map(({ path }) => relative(`detectors/${id}`, path))

  it('has code, tests, defaults, a tuning guide and fixtures', () => {
    expect(names).toEqual(expect.arrayContaining([`${id}.ts`, `${id}.test.ts`, 'default.yaml', 'README.md']))
  })

  it('is recorded: an attack, one below the threshold, shuffled, low and slow, three look-alikes', () => {
    const fixtures = names.filter((name) => name.startsWith('fixtures/') && name.endsWith('.ndjson'))
    for (const wanted of [/attack/, /below/, /shuffled/, /slow/]) expect(fixtures.join(' ')).toMatch(wanted)
    expect(fixtures.length).toBeGreaterThanOrEqual(7)
    for (const fixture of fixtures) expect(names).toContain(fixture.replace('.ndjson', '.expected.yaml'))
  })

  it('is named for its folder and tells its blind spots', () => {
    const code = readFileSync(join(root, 'detectors', id, `${id}.ts`), 'utf8')
    expect(code).toContain(`id: '${id}'`)
    const guide = readFileSync(join(root, 'detectors', id, 'README.md'), 'utf8')
    for (const heading of ['What it sees', 'Blind spots', 'Look-alikes']) expect(guide).toContain(heading)
  })
})

const actionIds = foldersIn('actions').filter((id) => id !== 'http')

describe.each(actionIds)('action %s', (id) => {
  it('has code, a contract test and a README', () => {
    const names = filesIn(`actions/${id}`).map(({ path }) => relative(`actions/${id}`, path))
    expect(names).toEqual(expect.arrayContaining([`${id}.ts`, `${id}.test.ts`, 'README.md']))
  })
})

it('every user-visible change is one sentence to an operator', () => {
  for (const { path, text } of existing(['changes']).flatMap(filesIn)) {
    expect(path).toMatch(/^changes\/[a-z0-9-]+\.(feature|fix|tuning|breaking)\.md$/)
    expect(text.trim().split('\n')).toHaveLength(1)
  }
})
