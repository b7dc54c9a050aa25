import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Finding } from '../core/detector/finding.ts'
import type { Entity } from '../core/entity/entity.ts'
import { loadConfig } from './load-config.ts'
import { context, repository } from './testing/stand-ins.ts'

const result = loadConfig(undefined, context)
const playbooks = result.ok ? result.playbooks : []

function finding(detector: string, entity: Entity, more: Partial<Finding> = {}): Finding {
  return {
    id: 'f-1',
    space: 'default',
    lane: 'live',
    detector,
    version: 1,
    entity,
    period: 0,
    state: 'final',
    severity: 'high',
    score: 0.9,
    first: 1,
    last: 2,
    evidence: {},
    manifest: 'm1:0',
    root: 'f-1',
    ...more,
  }
}

/** What would be done, in order: action and target. */
function planned(found: Finding): readonly string[] {
  return playbooks.flatMap(({ playbook }) => {
    if (!playbook.on.evaluate({ finding: found, steps: {} })) return []
    return playbook.steps.flatMap((step) => {
      if (step.when && !step.when.evaluate({ finding: found, steps: {} })) return []
      const target = step.target?.evaluate({ finding: found, steps: {} })
      const approval = step.approval === 'required' ? ', approved' : ''
      return [target ? `${step.action} ${target.kind} ${target.id}${approval}` : step.action]
    })
  })
}

const ip = { kind: 'ip', id: '203.0.113.7' } as const
const route = { kind: 'route', id: '/login' } as const
const token = { kind: 'token', id: 'jti-1' } as const
const provider = { kind: 'provider', id: 'stripe' } as const
const principal = { kind: 'principal', id: 'mallory' } as const

describe('shipped playbooks', () => {
  it.each([
    ['stuffing from one address', finding('credential-stuffing', ip), ['throttle ip 203.0.113.7', 'page']],
    ['stuffing of a route', finding('credential-stuffing', route), ['page']],
    ['a walk', finding('sequential-enumeration', principal), ['throttle principal mallory', 'page']],
    ['a reused token', finding('jti-reuse', token), ['revoke-token token jti-1', 'page']],
    [
      'a reused token of somebody known',
      finding('jti-reuse', token, { evidence: { subject: 'mallory' } }),
      ['revoke-token token jti-1', 'page', 'revoke-token principal mallory, approved'],
    ],
    ['webhooks of a provider', finding('webhook-skew', provider), ['page']],
    ['webhooks of one sender', finding('webhook-skew', ip), ['page', 'deny ip 203.0.113.7']],
    ['a note', finding('webhook-skew', ip, { severity: 'info' }), []],
    ['a weak claim', finding('credential-stuffing', ip, { score: 0.4 }), []],
  ])('%s', (_case, found, expected) => {
    expect(planned(found)).toEqual(expected)
  })

  it.each(playbooks.map(({ playbook, file, path }) => [playbook.id, file, path] as const))(
    '%s is careful and explained',
    (id, file, path) => {
      const text = readFileSync(path, 'utf8')
      expect(file).toMatchObject({ mode: 'dry_run', accepts: 'final' })
      expect(file.description).toBeTruthy()
      expect(path).toBe(join(repository, 'playbooks', `${id}.yaml`))
      expect(text).toMatch(
        /^# yaml-language-server: \$schema=\.\.\/config\/schemas\/playbook\.schema\.json\n/,
      )
      expect(readFileSync(join(repository, 'playbooks', 'README.md'), 'utf8')).toContain(`\n## ${id}\n`)
    },
  )
})
