import { describe, expect, it } from 'vitest'
import type { Finding } from '../../core/detector/finding.ts'
import type { Playbook } from '../../core/response/playbook.ts'
import { actions, detectors } from '../testing/stand-ins.ts'
import { evidenceType } from './evidence-type.ts'
import { ExpressionError } from './expression.ts'
import { loadPlaybook } from './load-playbook.ts'

const finding: Finding = {
  id: 'f-1',
  space: 'default',
  lane: 'live',
  detector: 'credential-stuffing',
  version: 1,
  entity: { kind: 'ip', id: '203.0.113.7' },
  period: 0,
  state: 'final',
  severity: 'high',
  score: 0.9,
  first: 1,
  last: 2,
  evidence: {
    accounts_tried: 40,
    accounts_succeeded: ['k1:a'],
    form: 'single',
    threshold: { value: 12.5, source: 'floor' },
    places: [{ ip: '203.0.113.7', failures: 3 }],
    by_reason: { wrong_password: 40 },
  },
  manifest: 'm1:0',
  root: 'f-1',
}

function load(text: string) {
  return loadPlaybook('p.yaml', text, {
    evidence: new Map(detectors.map(({ id, evidence }) => [id, evidenceType(evidence)])),
    blames: new Map(),
    actions: new Map(actions.map((action) => [action.id, action])),
    limits: { targetsPerHour: 50, shareOfClients: 0.01 },
    modeOf: () => undefined,
  })
}

function loaded(on: string, step = ''): Playbook {
  const result = load(
    `version: 1\nid: p\non: ${JSON.stringify(on)}\nsteps:\n  - { id: s, action: page }\n${step}`,
  )
  if (!result.ok)
    throw new Error(result.problems.map(({ message, hint }) => `${message}; ${hint}`).join('\n'))
  return result.playbook
}

function messages(on: string): string {
  const result = load(`version: 1\nid: p\non: ${JSON.stringify(on)}\nsteps:\n  - { id: s, action: page }\n`)
  return result.ok ? '' : result.problems.map(({ message }) => message).join('\n')
}

const stuffing = "finding.detector == 'credential-stuffing'"

describe('conditions', () => {
  it.each([
    [`${stuffing} && finding.score >= 0.8`, true],
    [`${stuffing} && finding.score > 1`, false],
    [`${stuffing} && size(finding.evidence.accounts_succeeded) > 0`, true],
    [`${stuffing} && finding.evidence.accounts_tried == 40.0`, true],
    [`${stuffing} && finding.evidence.threshold.value > 12.0`, true],
    [`${stuffing} && finding.evidence.places.exists(p, p.failures >= 3 && p.ip == finding.entity.id)`, true],
    [`${stuffing} && has(finding.evidence.network) && finding.evidence.network == 'x'`, false],
    [`${stuffing} && (!has(finding.evidence.network) || finding.evidence.network == 'x')`, true],
    [
      `${stuffing} && has(finding.evidence.by_reason.wrong_password) && finding.evidence.by_reason.wrong_password > 1.0`,
      true,
    ],
    ["finding.detector in ['jti-reuse', 'webhook-skew']", false],
    ["finding.entity.kind != 'route' && finding.severity in ['high', 'critical']", true],
    ['has(finding.continues)', false],
    [`${stuffing} || finding.detector == 'jti-reuse' && size(finding.evidence.places) > 1`, true],
  ])('%s is %s', (on, expected) => {
    expect(loaded(on).on.evaluate({ finding, steps: {} })).toBe(expected)
  })

  it.each([
    [`${stuffing} || finding.evidence.accounts_tried > 1`, 'is not in findings of'],
    [`${stuffing} && finding.evidence.threshold.valeu > 1`, "has no 'valeu'"],
    [`${stuffing} && finding.evidence['accounts_tryed'] > 1`, "has no 'accounts_tryed'"],
    [`${stuffing} && finding.evidence.by_reason.wrong_password > 1`, 'is not in every finding'],
    [
      `${stuffing} && (has(finding.evidence.network) || finding.evidence.network == 'x')`,
      'is not in every finding',
    ],
    ['finding.continues != finding.id', 'is not in every finding'],
    ['finding.__proto__ == finding.id', "a finding has no '__proto__'"],
    ["finding.id.matches('.*')", 'not allowed'],
    ['process.exit() == 1', 'unknown variable'],
    ["'jti-resue' == finding.detector", "no detector is called 'jti-resue'"],
  ])('%s is refused', (on, message) => {
    expect(messages(on)).toContain(message)
  })

  it('say with their text what failed at run time', () => {
    const { on } = loaded(`${stuffing} && finding.evidence.threshold.value > 12.0`)
    const broken = { ...finding, evidence: {} }
    expect(() => on.evaluate({ finding: broken, steps: {} })).toThrow(ExpressionError)
    expect(() => on.evaluate({ finding: broken, steps: {} })).toThrow(/threshold\.value > 12\.0: /)
  })

  it('are bounded', () => {
    const chain = (count: number) => Array.from({ length: count }, () => 'true').join('&&')
    expect(messages(chain(120))).toBe('')
    expect(messages(chain(160))).toContain('the expression is too long')
    expect(messages(chain(200))).toContain('at most 1000 characters')
    expect(messages(`${'['.repeat(25)}${']'.repeat(25)} == []`)).toContain('nested too deep')
  })
})

describe('steps', () => {
  const step = (target: string, kind: string) =>
    loaded(
      "finding.detector == 'jti-reuse'",
      `  - { id: t, action: revoke-token, ttl: 24h, when: "${kind}", target: "${target}" }\n`,
    ).steps[1]
  const reuse: Finding = {
    ...finding,
    detector: 'jti-reuse',
    entity: { kind: 'token', id: 'jti-1' },
    evidence: { subject: 'mallory', places: ['a'] },
  }

  it('aim at the entity of the finding', () => {
    const target = step('finding.entity', "finding.entity.kind == 'token'")?.target
    expect(target?.evaluate({ finding: reuse, steps: {} })).toEqual({ kind: 'token', id: 'jti-1' })
  })

  it('aim at an entity that the evidence names, once it is there', () => {
    const built = step("entity('principal', finding.evidence.subject)", 'has(finding.evidence.subject)')
    expect(built?.target?.evaluate({ finding: reuse, steps: {} })).toEqual({
      kind: 'principal',
      id: 'mallory',
    })
    expect(built?.when?.evaluate({ finding: { ...reuse, evidence: { places: [] } }, steps: {} })).toBe(false)
    expect(built?.ttlMs).toBe(86_400_000)
  })

  it('refuse an id that names nothing', () => {
    const built = step("entity('principal', finding.evidence.subject)", 'has(finding.evidence.subject)')
    const nameless = { ...reuse, evidence: { subject: '', places: [] } }
    expect(() => built?.target?.evaluate({ finding: nameless, steps: {} })).toThrow(/names no principal/)
  })

  it('read how earlier steps ended, also those with a dash in their id', () => {
    const { steps } = loaded(
      stuffing,
      `  - { id: t, action: page, when: "steps['s'].status == 'applied'" }\n`,
    )
    const applied = { steps: { s: { status: 'applied' } }, finding }
    expect(steps[1]?.when?.evaluate(applied)).toBe(true)
  })

  it('that cannot be undone need a person without saying so', () => {
    const { steps } = loaded(stuffing, '  - { id: e, action: erase-key, ttl: 1h, target: finding.entity }\n')
    expect(steps[1]?.approval).toBe('required')
  })
})

it('has a digest of the text', () => {
  const text = `version: 1\nid: p\non: finding.score > 0.5\nsteps: [{ id: s, action: page }]\n`
  const digests = [text, text, `${text}# changed\n`].map((source) => {
    const result = load(source)
    return result.ok ? result.playbook.digest : ''
  })
  expect(digests[0]).toMatch(/^p1:[0-9a-f]{16}$/)
  expect(digests[1]).toBe(digests[0])
  expect(digests[2]).not.toBe(digests[0])
})
