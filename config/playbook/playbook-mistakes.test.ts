import { describe, expect, it } from 'vitest'
import { responseDefaults } from '../../core/response/responder-state.ts'
import { durationMs } from '../../core/time/duration.ts'
import { actions, detectors } from '../testing/stand-ins.ts'
import { evidenceType } from './evidence-type.ts'
import { loadPlaybook } from './load-playbook.ts'
import { ttlMax } from './playbook-schema.ts'

function load(text: string) {
  return loadPlaybook('p.yaml', text, {
    evidence: new Map(detectors.map(({ id, evidence }) => [id, evidenceType(evidence)])),
    blames: new Map(),
    actions: new Map(actions.map((action) => [action.id, action])),
    limits: { targetsPerHour: 50, shareOfClients: 0.01 },
    modeOf: () => undefined,
  })
}

describe('a mistake in one part', () => {
  const found = (text: string) => {
    const result = load(text)
    return result.ok ? [] : result.problems.map(({ message }) => message)
  }
  const playbook = (on: string, step: string) => `version: 1\nid: p\non: ${on}\nsteps:\n  - ${step}\n`
  const revoke = 'id: r\n    action: revoke-token\n    ttl: 1h\n    target: '
  const subject = `${revoke}"entity('principal', finding.evidence.subject)"\n    when: `

  it.each([
    ['syntax of on', playbook('finding.', `${subject}has(finding.evidence.subject)`)],
    [
      'a detector beside a known one',
      playbook("finding.detector in ['jti-reuse', 'x']", `${subject}finding.evidence.drift_ms > 1.0`),
    ],
    ['syntax of when', playbook("finding.detector == 'jti-reuse'", `${subject}has(finding.`)],
    [
      'a name in when',
      playbook(
        "finding.detector == 'jti-reuse'",
        `${subject}has(finding.evidence.subject) && finding.x == 1`,
      ),
    ],
    ['no text as when', playbook("finding.detector == 'jti-reuse'", `${subject}[true]`)],
    ['the kind in when', playbook("finding.entity.kind == 'ip'", `${revoke}finding.entity\n    when: (`)],
    ['a target', playbook('finding.score > 0.5', '{ id: s, action: deny, target: 3, ttl: 1h }')],
    [
      'a misspelt target',
      playbook('finding.score > 0.5', '{ id: s, action: deny, tagret: finding.entity, ttl: 1h }'),
    ],
    [
      'a ttl',
      playbook('finding.score > 0.5', '{ id: s, action: deny, target: finding.entity, ttl: 1 hour }'),
    ],
    [
      'with',
      playbook(
        'finding.score > 0.5',
        '{ id: s, action: throttle, target: finding.entity, ttl: 1h, with: 5 }',
      ),
    ],
    [
      'the id of a step',
      playbook(
        'finding.score > 0.5',
        "{ id: S, action: page }\n  - { id: t, action: page, when: steps.S.status == 'applied' }",
      ),
    ],
    ['a misspelt on', playbook('finding.score > 0.5', '{ id: s, action: page }').replace('on:', 'onn:')],
  ])('adds no problem to others: %s', (_what, text) => {
    expect(found(text)).toHaveLength(1)
  })

  it('hides none in others', () => {
    const text = playbook(
      "finding.detector == 'jti-reuse' && finding.scor > 0.5",
      `${subject}finding.evidence.x == 1`,
    )
    expect(found(`${text}mode: on\n`)).toEqual([
      "on: a finding has no 'scor'",
      'target: finding.evidence.subject is not in every finding',
      "when: evidence of jti-reuse has no 'x'",
      'mode must be one of dry_run, canary, enforce',
    ])
  })
})

it('takes no ttl that the executor would cut', () => {
  expect(durationMs(ttlMax)).toBe(responseDefaults.ttlMaxMs)
  const step = (ttl: string) =>
    load(
      `version: 1\nid: p\non: finding.score > 0.5\nsteps:\n  - { id: s, action: deny, target: finding.entity, ttl: ${ttl} }\n`,
    )
  expect(step('24h').ok).toBe(true)
  expect(step('1441m')).toMatchObject({
    problems: [{ line: 5, col: 57, message: expect.stringContaining('between 1s and 24h') }],
  })
})
