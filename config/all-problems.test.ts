import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadConfig } from './load-config.ts'
import { context } from './testing/stand-ins.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'picket-all-'))
  mkdirSync(join(folder, 'playbooks'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function check(files: Readonly<Record<string, string>>): readonly string[] {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  const result = loadConfig(join(folder, 'picket.yaml'), context)
  if (result.ok) return []
  return result.problems.map(
    ({ file, line, col, message }) => `${relative(folder, file)}:${line}:${col}: ${message}`,
  )
}

const playbook = (name: string, on: string, ...steps: readonly string[]) =>
  `version: 1\nid: ${name}\non: ${on}\nsteps:\n${steps.map((step) => `  - ${step}\n`).join('')}`
const page = '{ id: page, action: page }'
const deny = (ttl: string) => `{ id: stop, action: deny, target: finding.entity, ttl: ${ttl} }`

it('lists one mistake of each kind in one pass, by file and line, and nothing that follows from them', () => {
  const files = {
    'picket.yaml': `space: 7
spcae: default
sources:
  - { type: stdin, name: a }
  - { type: file, name: a, paths: [x.log] }
detectors:
  credential-stuffing: { accounts_min: 1 }
  credential-stufing: { accounts_min: 30 }
  jti-reuse: [on]
playbooks: [shipped, ./playbooks]
routes: ['/a/{b']
response: { modes: { step: canary, nobody: canary } }
clickhouse: { embedded: true, url: http://clickhouse:8123 }
`,
    'playbooks/action.yaml': playbook('action', 'finding.score > 0.5', '{ id: a, action: pge }'),
    'playbooks/cel.yaml': playbook('cel', "finding.detector = 'jti-reuse'", page),
    'playbooks/detector.yaml': playbook(
      'detector',
      "finding.detector == 'jti-resue' && size(finding.evidence.places) > 1",
      "{ id: page, action: page, when: 'finding.evidence.accounts_tried > 1.0' }",
    ),
    'playbooks/evidence.yaml': playbook(
      'evidence',
      "finding.detector == 'jti-reuse'",
      '{ id: page, action: page, when: size(finding.evidence.plces) > 1 }',
    ),
    'playbooks/step.yaml': playbook('step', 'finding.score > 0.5', '{ id: page, action: page, wen: true }'),
    'playbooks/tab.yaml': `version: 1\nid: tab\non: finding.score > 0.5\nsteps:\n  - id: page\n\t  action: page\n`,
    'playbooks/ttl.yaml': playbook('ttl', "finding.entity.kind == 'ip'", deny('25h')),
    'playbooks/twin.yaml': playbook('ttl', "finding.entity.kind == 'ip'", deny('24h')),
  }
  expect(check(files)).toEqual([
    'picket.yaml:1:8: space must be text, not a number',
    "picket.yaml:2:1: unknown setting 'spcae'",
    "picket.yaml:5:25: a second source is called 'a'",
    'picket.yaml:7:40: detectors.credential-stuffing.accounts_min must be at least 2',
    "picket.yaml:8:3: no detector is called 'credential-stufing'",
    'picket.yaml:9:14: detectors.jti-reuse must be a map of settings, not a list',
    'picket.yaml:11:10: route template "/a/{b": "{b" must hold one {parameter} at most',
    "picket.yaml:12:36: no playbook is called 'nobody'",
    'picket.yaml:13:25: clickhouse is either embedded or a server with a url',
    "playbooks/action.yaml:5:22: no action is called 'pge'",
    'playbooks/cel.yaml:3:22: on: unexpected character: =',
    "playbooks/detector.yaml:3:25: on: no detector is called 'jti-resue'",
    "playbooks/evidence.yaml:5:42: when: evidence of jti-reuse has no 'plces'",
    "playbooks/step.yaml:5:31: unknown setting 'wen' in steps[0]",
    'playbooks/tab.yaml:6:1: a tab indents this line',
    'playbooks/ttl.yaml:5:60: steps[0].ttl must be between 1s and 24h; an attack that goes on renews it',
    expect.stringMatching(/^playbooks\/twin\.yaml:2:5: .*ttl\.yaml is called 'ttl' too$/),
  ])
})

describe('one mistake is one problem', () => {
  const own = { 'playbooks/own.yaml': playbook('own', 'finding.score > 0.5', page) }
  it.each([
    ['playbooks that are no list', 'playbooks: 3\nresponse: { modes: { own: canary } }\n'],
    ['misspelt playbooks', 'playbok: [playbooks]\nresponse: { modes: { own: canary } }\n'],
    [
      'a playbook that is no text',
      'playbooks: [shipped, [./playbooks]]\nresponse: { modes: { own: canary } }\n',
    ],
    ['a folder that is not there', 'playbooks: [./playbok]\nresponse: { modes: { own: canary } }\n'],
    ['detectors that are no map', 'detectors: [jti-reuse]\n'],
    ['a response that is no map', 'response: enforce\nplaybooks: [./playbooks]\n'],
    ['a source without its name', 'sources: [{ type: stdin }, { type: file, name: 3, paths: [a] }]\n'],
    ['a misspelt required setting', 'actions: { page: { routing_kye: env:KEY } }\n'],
    ['a misspelt key set', 'enforcement: { envoy: { identity: { jwks: { fil: keys.json } } } }\n'],
    ['one tab', 'sources:\n  - type: file\n\t  paths: [a]\n    follow: true\n'],
    ['brackets without quotes', 'space: { a: b[0] }\n'],
  ])('%s', (_what, text) => {
    expect(check({ ...own, 'picket.yaml': text })).toHaveLength(1)
  })

  it('in a rule that asks for settings beside one of the wrong type', () => {
    const text = 'enforcement: { envoy: { identity: { jwks: { issuer: 3 } } } }\n'
    expect(check({ 'picket.yaml': text })).toEqual([
      expect.stringContaining('jwks needs either file or url'),
      expect.stringContaining('jwks.issuer must be'),
    ])
  })
})

describe('a file that is no YAML', () => {
  const broken = { 'playbooks/own.yaml': playbook('own', 'finding.scor > 0.5', page) }
  const load = () => loadConfig(join(folder, 'picket.yaml'), context)

  it('still names playbooks, which are checked', () => {
    const text = 'playbooks: [shipped, ./playbooks, ./gone]\nlog: { level: info\nspace: a\n'
    const found = check({ ...broken, 'picket.yaml': text })
    expect(found.at(-1)).toBe("playbooks/own.yaml:3:5: on: a finding has no 'scor'")
    expect(found.slice(0, -1).every((problem) => problem.startsWith('picket.yaml:3:'))).toBe(true)
    expect(load().remarks).toMatchObject([
      { line: 3, message: expect.stringContaining('not checked; the playbooks that it names are') },
    ])
  })

  it('says that nothing else is checked', () => {
    expect(check({ ...broken, 'picket.yaml': 'log: [\n' })).toHaveLength(1)
    expect(load().remarks).toMatchObject([
      { message: expect.stringContaining("not checked, and its playbooks can't be found") },
    ])
  })

  it('but holds one setting twice, is checked as a whole', () => {
    expect(check({ 'picket.yaml': 'space: a\nspace: b\nlog: { level: loud }\n' })).toEqual([
      'picket.yaml:2:1: this setting stands here a second time',
      expect.stringMatching(/^picket\.yaml:3:15: log\.level must be one of/),
    ])
  })
})
