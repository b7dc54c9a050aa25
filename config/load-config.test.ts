import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { configFromText, loadConfig } from './load-config.ts'
import { context, repository } from './testing/stand-ins.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'picket-config-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function load(text: string) {
  const path = join(folder, 'picket.yaml')
  writeFileSync(path, text)
  const result = loadConfig(path, context)
  if (!result.ok) throw new Error(JSON.stringify(result.problems, null, 1))
  return result
}

function problemsOf(text: string): readonly string[] {
  const result = configFromText('picket.yaml', text, folder, context)
  return result.ok ? [] : result.problems.map(({ line, message }) => `${line}: ${message}`)
}

const own = `version: 1
id: own
on: finding.score > 0.5
canary: 25%
limits: { share_of_clients: 0.5% }
steps:
  - { id: page, action: page, with: { severity: error } }
`

describe('without a file', () => {
  it('has embedded defaults, every detector, and the shipped playbooks in dry run', () => {
    const result = loadConfig(undefined, context)
    if (!result.ok) throw new Error('the defaults must load')
    expect(result.config).toMatchObject({
      space: 'default',
      data_dir: join(repository, '.picket'),
      sources: [],
      clickhouse: { embedded: true, database: 'picket' },
      response: { actionable_for: '10m', kill_switch_file: join(repository, '.picket', 'kill-switch') },
    })
    expect(result.detectors.map(({ detector }) => detector.id)).toEqual(context.detectors.map(({ id }) => id))
    expect(result.detectors[0]?.config).toMatchObject({ accounts_min: 12, allow: { ips: [] } })
    expect(result.playbooks).toHaveLength(4)
    expect(new Set(result.playbooks.map(({ playbook }) => playbook.mode))).toEqual(new Set(['dry_run']))
  })

  it('says which file is missing', () => {
    const result = loadConfig(join(folder, 'nowhere.yaml'), context)
    expect(result).toMatchObject({
      ok: false,
      problems: [
        { message: 'there is no such file', line: 0, col: 0, hint: expect.stringContaining('--config') },
      ],
    })
  })
})

it('loads the example without problems', () => {
  const result = loadConfig(join(repository, 'picket.example.yaml'), context)
  expect(result).toMatchObject({ ok: true, notices: [] })
})

describe('detectors', () => {
  it('are overridden in part and can be turned off', () => {
    const result = load(
      'detectors:\n  credential-stuffing: { accounts_min: 30 }\n  jti-reuse: { enabled: false }\n',
    )
    expect(result.detectors.map(({ detector }) => detector.id)).not.toContain('jti-reuse')
    expect(result.detectors[0]?.config).toMatchObject({ accounts_min: 30, window: '10m' })
    expect(result.detectors[0]?.config).not.toHaveProperty('enabled')
  })

  it('that are turned off are checked too', () => {
    expect(problemsOf('detectors:\n  jti-reuse: { enabled: false, x: 1 }\n')).toHaveLength(1)
  })
})

describe('playbooks', () => {
  it('are found in files and folders from the folder of the configuration', () => {
    writeFileSync(join(folder, 'own.yaml'), own)
    writeFileSync(join(folder, 'notes.txt'), 'no playbook')
    const { playbooks } = load('playbooks: [shipped, ./own.yaml]\n')
    expect(playbooks.at(-1)).toMatchObject({ path: join(folder, 'own.yaml'), playbook: { id: 'own' } })
    expect(playbooks.at(-1)?.playbook).toMatchObject({
      canaryShare: 0.25,
      limits: { targetsPerHour: 50, shareOfClients: 0.005 },
      steps: [{ with: { severity: 'error' }, approval: 'none' }],
    })
  })

  it('get their mode from the configuration, by id before all', () => {
    const { playbooks } = load('response:\n  mode: canary\n  modes: { contain-jti-reuse: enforce }\n')
    expect(Object.fromEntries(playbooks.map(({ playbook }) => [playbook.id, playbook.mode]))).toEqual({
      'contain-credential-stuffing': 'canary',
      'contain-jti-reuse': 'enforce',
      'contain-sequential-enumeration': 'canary',
      'contain-webhook-skew': 'canary',
    })
  })

  it('with the same id are refused', () => {
    writeFileSync(join(folder, 'own.yaml'), own)
    writeFileSync(join(folder, 'twin.yaml'), `${own}# another text\n`)
    expect(problemsOf('playbooks: [own.yaml, twin.yaml]')).toEqual([
      expect.stringMatching(/^2: .*own.yaml is called 'own' too/),
    ])
  })

  it('that are wrong are reported with the problems of the configuration', () => {
    writeFileSync(join(folder, 'own.yaml'), own.replace('score', 'scor'))
    const problems = problemsOf('log: { level: loud }\nplaybooks: [own.yaml]\ndetectors: { x: {} }\n')
    expect(problems).toHaveLength(3)
    expect(problems.join('\n')).toContain("3: on: a finding has no 'scor'")
  })
})

it('reads shares, references and paths', () => {
  const { config, notices } = load(`
data_dir: state
sources: [{ type: file, paths: [a.log, /b.log] }]
privacy: { key: env:PICKET_KEY }
clickhouse: { url: http://clickhouse:8123, password: file:/run/secrets/clickhouse }
ingest: { combined: { fields: { key.id: 3, auth.account: account } } }
response: { limits: { share_of_clients: 2.5% }, kill_switch_file: stop }
`)
  expect(config).toMatchObject({
    data_dir: join(folder, 'state'),
    sources: [{ name: 'file', paths: [join(folder, 'a.log'), '/b.log'], lateness: '30s', follow: false }],
    clickhouse: { embedded: false, password: 'file:/run/secrets/clickhouse' },
    ingest: { combined: { fields: { 'key.id': '3', 'auth.account': 'account' } } },
    response: { limits: { share_of_clients: 0.025 }, kill_switch_file: join(folder, 'stop') },
  })
  expect(notices).toEqual([])
})

it('gives notice of the public key once there is something to protect', () => {
  expect(load('sources: [{ type: stdin }]').notices).toEqual([expect.stringContaining('privacy.key')])
})

describe('notices of a playbook that acts', () => {
  const { page, obey } = {
    page: 'playbook contain-jti-reuse is in canary and pages, but nobody is told: set actions.page.routing_key',
    obey: 'playbook contain-jti-reuse is in canary, but nothing obeys its decisions: set enforcement.envoy',
  }
  const live = 'sources: [{ type: stdin }]\nprivacy: { key: env:KEY }\n'
  const canary = 'response: { modes: { contain-jti-reuse: canary } }\n'
  const pages = 'actions: { page: { routing_key: env:KEY } }\n'
  const envoy = 'enforcement: { envoy: {} }\n'

  it.each([
    ['', []],
    [canary, [page, obey]],
    [canary + pages, [obey]],
    [canary + envoy, [page]],
    [canary + pages + envoy, []],
  ])('%j', (text, notices) => {
    expect(load(live + text).notices).toEqual(notices)
  })

  it('wait for a source', () => {
    expect(load(canary).notices).toEqual([])
  })

  it('ask for a gateway only where something is enforced', () => {
    writeFileSync(join(folder, 'own.yaml'), own)
    const { notices } = load(`${live}playbooks: [own.yaml]\nresponse: { mode: enforce }\n`)
    expect(notices).toEqual([expect.stringContaining('playbook own is in enforce and pages')])
  })
})

it('refuses a file that is no UTF-8 text', () => {
  writeFileSync(join(folder, 'picket.yaml'), Buffer.from([0x73, 0xff, 0xfe]))
  expect(loadConfig(join(folder, 'picket.yaml'), context)).toMatchObject({
    problems: [{ message: 'is not UTF-8 text', line: 0, hint: expect.stringContaining('as UTF-8') }],
  })
})

it.each(['', '\n# nothing\n', '---\n', '\ufeffspace: a\n', 'space: a\r\nlog: { level: warn }\r\n'])(
  'accepts %j',
  (text) => {
    expect(problemsOf(text.replace(/^\ufeff/, ''))).toEqual([])
  },
)

describe('a receiver of pages', () => {
  const page = (settings: string) =>
    problemsOf(`actions: { page: { routing_key: env:KEY, ${settings} } }\n`).map((text) =>
      text.split(': ').at(-1),
    )

  it.each([
    "url: 'https://10.0.0.1/x'",
    "url: 'https://[::1]:8443/x'",
    "url: 'https://[::ffff:10.1.1.1]/x'",
    "url: 'https://localhost/x', allow_private: false",
    "url: 'http://relay.example/x'",
  ])('that every page would be refused for is a problem: %s', (settings) => {
    expect(page(settings)).toEqual([
      expect.stringMatching(/is not a public address|must be called with https/),
    ])
  })

  it.each([
    "url: 'http://127.0.0.1:9000/x', allow_private: true",
    "url: 'https://relay.example/x'",
    "url: 'https://203.0.114.9/x'",
  ])('that may be reached is none: %s', (settings) => {
    expect(page(settings)).toEqual([])
  })
})

it('takes a file whose name looks like a pattern, once it is there', () => {
  const text = "sources: [{ type: file, paths: ['access[1].log'] }]\n"
  expect(problemsOf(text)).toEqual([expect.stringContaining('patterns are not expanded')])
  writeFileSync(join(folder, 'access[1].log'), '')
  expect(problemsOf(text)).toEqual([])
})

it('points a notice at the section that lacks the setting, and at no line without the section', () => {
  expect(load('sources: [{ type: stdin }]').remarks).toMatchObject([{ line: 0, col: 0 }])
  expect(load('sources: [{ type: stdin }]\nprivacy: { principals: true }\n').remarks).toMatchObject([
    { line: 2 },
  ])
})

it('reminds of the first events of topics that come to match, where little lateness is allowed', () => {
  const remarksOf = (lateness: string, topic: string) =>
    load(
      `sources: [{ type: kafka, brokers: ['k:9092'], group: g, lateness: ${lateness}, topics: [${topic}] }]\nprivacy: { key: env:NONE }\n`,
    ).remarks.map(({ message }) => message)
  expect(remarksOf('5s', "{ pattern: '^a' }")).toEqual([expect.stringContaining('found within 15 s')])
  expect([remarksOf('15s', "{ pattern: '^a' }"), remarksOf('5s', '{ name: a }')]).toEqual([[], []])
})
