import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { runPicket } from '../testing/run-picket.ts'

const folder = mkdtempSync(join(tmpdir(), 'picket-check-'))
afterEach(() => vi.unstubAllEnvs())
afterAll(() => rmSync(folder, { recursive: true }))

const file = join(folder, 'picket.yaml')
const check = (text: string, ...args: readonly string[]) => {
  writeFileSync(file, text)
  return runPicket('check', '--config', file, ...args)
}
const parsed = (out: string) =>
  out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown)

const pages = `privacy: { key: env:PICKET_CHECK_KEY }
actions: { page: { routing_key: env:PICKET_CHECK_PAGE } }
`
const page = {
  file,
  line: 2,
  col: 33,
  message:
    'actions.page.routing_key: env:PICKET_CHECK_PAGE: the environment variable is not set; picket run will not start',
  hint: 'set PICKET_CHECK_PAGE in the environment of picket run',
}
const key = {
  ...page,
  line: 1,
  col: 17,
  message: expect.stringContaining('privacy.key: env:PICKET_CHECK_KEY'),
}

describe('secrets that are not set', () => {
  it('are notices', async () => {
    const { code, out, err } = await check(pages)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain(`${file}: no problems\n`)
    expect(out).toContain(`notice: ${file}:2:33: ${page.message}\n  hint: ${page.hint}\n`)
  })

  it('are notices in JSON', async () => {
    const { code, out } = await check(pages, '--json')
    expect(code).toBe(0)
    expect(parsed(out)).toEqual([
      { level: 'notice', ...key, hint: expect.any(String) },
      { level: 'notice', ...page },
    ])
  })

  it('are problems where they are asked for', async () => {
    vi.stubEnv('PICKET_CHECK_KEY', 'long enough for a key')
    const { code, out, err } = await check(pages, '--secrets')
    expect({ code, err }).toEqual({ code: 2, err: '1 problem' })
    expect(out).toContain(`${file}:2:33: ${page.message}\n  2 | actions:`)
    expect(parsed((await check(pages, '--secrets', '--json')).out)).toEqual([{ level: 'problem', ...page }])
  })

  it('are no matter once they are', async () => {
    vi.stubEnv('PICKET_CHECK_KEY', 'long enough for a key')
    vi.stubEnv('PICKET_CHECK_PAGE', 'R0')
    const { code, out } = await check(pages, '--secrets', '--json')
    expect({ code, out }).toEqual({ code: 0, out: '' })
  })
})

it('lists problems before notices', async () => {
  const { code, out, err } = await check(`${pages}log: loud\nspace: A\n`, '--json')
  expect({ code, err }).toEqual({ code: 2, err: '' })
  expect(parsed(out)).toMatchObject([
    { level: 'problem', line: 3, col: 6 },
    { level: 'problem', line: 4, col: 8 },
    { level: 'notice', line: 1 },
    { level: 'notice', line: 2 },
  ])
})

it('says where other notices ask for a change', async () => {
  const { code, out } = await check(
    'sources: [{ type: stdin }]\nprivacy: {}\nresponse: { mode: canary }\n',
    '--json',
  )
  expect(code).toBe(0)
  expect(parsed(out)[0]).toMatchObject({
    level: 'notice',
    message: expect.stringContaining('nobody is told'),
  })
  expect(parsed(out)).toContainEqual(
    expect.objectContaining({
      level: 'notice',
      line: 2,
      message: expect.stringContaining('privacy.key is not set'),
    }),
  )
})

it('shows nothing that a terminal obeys', async () => {
  const hostile = `version: 1
id: "\\e]0;x\\a"
on: finding.detector == '\u001b[2J\u202e' && "\\u009b" == finding.id
steps:
  - { id: page, action: "\\e[31m", "\u2066k": 1, with: { "\\n\\e[2K": 1 }, when: "finding.\\u0000" }
  - [\u001b[A
`
  const own = join(folder, 'hostile\u001b[2J.yaml')
  const configuration = `playbooks: [${JSON.stringify(own)}, "gone\\e[2J"]\n"\\e[2Jx": 1\n`
  for (const text of [hostile, hostile.slice(0, hostile.lastIndexOf('  - '))]) {
    writeFileSync(own, text)
    for (const json of [[], ['--json']]) {
      const { code, out } = await check(configuration, ...json)
      expect(code).toBe(2)
      expect(out).toContain('hostile')
      expect(out).not.toMatch(/[\p{Cf}\p{Zl}\p{Zp}\u0000-\u0009\u000b-\u001f\u007f-\u009f]/u)
    }
  }
})

it('counts a library and a file that are not on this machine as secrets: a notice, or a problem where asked', async () => {
  vi.stubEnv('PICKET_CHECK_KEY', 'long enough for a key')
  const text = `privacy: { key: env:PICKET_CHECK_KEY }
sources:
  - { type: kafka, name: a, brokers: ['h:1'], topics: [{ name: t }], client: rdkafka }
  - { type: file, name: b, paths: [./no-such.log] }
response: { mode: enforce }
`
  for (const [args, code, level] of [
    [['--json'], 0, 'notice'],
    [['--json', '--secrets'], 2, 'problem'],
  ] as const) {
    const found = await check(text, ...args)
    expect(found.code).toBe(code)
    expect(parsed(found.out)).toMatchObject(
      expect.arrayContaining([
        expect.objectContaining({
          level,
          line: 3,
          message: expect.stringContaining('needs the package node-rdkafka'),
        }),
        expect.objectContaining({
          level,
          line: 4,
          message: expect.stringContaining('there is no such file'),
        }),
      ]),
    )
  }
})
