import { describe, expect, it } from 'vitest'
import { createActions } from '../../../actions/actions.ts'
import { createSimulatedHttpClient } from '../../../actions/http/simulated-http-client.ts'
import {
  finding,
  minuteMs,
  pageStep,
  playbook,
  startOfWorld,
  throttleStep,
} from '../../../test/contracts/responder-world.ts'
import type { Action } from '../action.ts'
import { createProtectedSet } from '../protected-set.ts'
import { TargetLedger } from '../target-ledger.ts'
import type { CheckSubject, CheckWorld } from './check.ts'
import { firstRefusal } from './checks.ts'

const page = { http: createSimulatedHttpClient(), routingKey: 'R' }
const actions = createActions({ decisions: { list: () => [] }, page })

function action(id: string): Action {
  const found = actions.get(id)
  if (!found) throw new Error(`no action ${id}`)
  return found
}

const throttling: CheckSubject = {
  action: action('throttle'),
  playbook: playbook(),
  step: throttleStep,
  finding: finding(),
  target: { kind: 'ip', id: '203.0.113.7' },
  now: startOfWorld,
}
const paging: CheckSubject = { ...throttling, action: action('page'), step: pageStep, target: undefined }

function world(over: Partial<CheckWorld> = {}): CheckWorld {
  return {
    killSwitch: { engaged: () => undefined },
    traffic: {
      behind: () => ({ principals: 3, requests: 500, requestsAll: 1000 }),
      activeClients: () => 1000,
    },
    protectedSet: createProtectedSet({}),
    scope: { principalsMax: 3, shareOfRequestsMax: 0.5 },
    actionableForMs: 10 * minuteMs,
    ledger: new TargetLedger(),
    exemptions: () => [],
    ...over,
  }
}

/** A ledger where the playbook holds so many targets. */
function ledgerOf(targets: number, over: { at?: number; until?: number; simulated?: boolean } = {}) {
  const ledger = new TargetLedger()
  const entry = { at: startOfWorld - minuteMs, until: startOfWorld + minuteMs, simulated: false, ...over }
  for (let index = 0; index < targets; index += 1) ledger.count('contain', `ip:198.51.100.${index}`, entry)
  return ledger
}

describe('checks', () => {
  it('let a step pass at every limit', () => {
    const old = { ...throttling, finding: finding({ last: startOfWorld - 10 * minuteMs }) }
    expect(firstRefusal(old, world({ ledger: ledgerOf(9) }))).toBeUndefined()
    expect(firstRefusal(paging, world())).toBeUndefined()
  })

  it.each(['global', 'connector', 'playbook'])(
    'kill switch %s stops enforcement and pages',
    (engagedLevel) => {
      const killSwitch = { engaged: (level: string) => (level === engagedLevel ? 'Ada, 18:00' : undefined) }
      for (const subject of [throttling, paging]) {
        const refusal = firstRefusal(subject, world({ killSwitch }))
        expect(refusal).toMatchObject({ rule: 'kill_switch', detail: expect.stringContaining('Ada, 18:00') })
      }
    },
  )

  it('refuse a protected target', () => {
    const subject = { ...throttling, target: { kind: 'ip', id: '10.0.0.1' } as const }
    const detail = 'ip 10.0.0.1 is in the protected set (10.0.0.0/8)'
    expect(firstRefusal(subject, world())).toEqual({ rule: 'protected', detail })
  })

  it('refuse what is too old or a note, but page it', () => {
    const old = { finding: finding({ last: startOfWorld - 10 * minuteMs - 1000 }) }
    const detail = "the finding's last event is 10 min 1 s old; the limit is 10 min"
    expect(firstRefusal({ ...throttling, ...old }, world())).toEqual({ rule: 'not_actionable', detail })
    expect(firstRefusal({ ...paging, ...old }, world())).toBeUndefined()
    const note = { finding: finding({ severity: 'info' }) }
    expect(firstRefusal({ ...throttling, ...note }, world())).toMatchObject({ rule: 'not_actionable' })
    expect(firstRefusal({ ...paging, ...note }, world())).toBeUndefined()
  })

  it('take a principal from the finding, not from its evidence', () => {
    const entity = { kind: 'principal', id: 'mallory' } as const
    expect(
      firstRefusal({ ...throttling, target: entity, finding: finding({ entity }) }, world()),
    ).toBeUndefined()
    for (const kind of ['principal', 'key', 'token', 'session', 'client'] as const) {
      const refusal = firstRefusal({ ...throttling, target: { kind, id: 'alice' } }, world())
      expect(refusal).toMatchObject({ rule: 'unproven_target' })
    }
    expect(
      firstRefusal({ ...throttling, target: { kind: 'fingerprint', id: 'ja4' } }, world()),
    ).toBeUndefined()
  })

  it.each([
    [undefined, /not known/],
    [{ principals: 4, requests: 1, requestsAll: 1000 }, /^4 proven principals .* limit is 3$/],
    [{ principals: 0, requests: 501, requestsAll: 1000 }, /^501 of 1000 .*\(50.1%\); the limit is 50%$/],
    [{ principals: Number.NaN, requests: 0, requestsAll: 0 }, /NaN/],
  ])('refuse an address with %o behind it', (shape, detail) => {
    const traffic = { behind: () => shape, activeClients: () => 1000 }
    for (const target of [throttling.target, { kind: 'network', id: '203.0.113.0/24' }] as const) {
      const refusal = firstRefusal({ ...throttling, target }, world({ traffic }))
      expect(refusal).toEqual({ rule: 'scope', detail: expect.stringMatching(detail) })
    }
    const entity = { kind: 'key', id: 'k1' } as const
    expect(
      firstRefusal({ ...throttling, target: entity, finding: finding({ entity }) }, world({ traffic })),
    ).toBeUndefined()
  })

  it('leave an exempt entity to the other detectors only', () => {
    const entity = { kind: 'ip', id: '203.0.113.7' } as const
    const exemption = { entity, until: startOfWorld + 1, by: 'person:Ada', reason: 'office' }
    const rule = (over: object) => {
      return firstRefusal(throttling, world({ exemptions: () => [{ ...exemption, ...over }] }))?.rule
    }
    expect(rule({})).toBe('exempt')
    expect(rule({ detector: 'credential-stuffing' })).toBe('exempt')
    expect(rule({ detector: 'jti-reuse' })).toBeUndefined()
    expect(rule({ until: startOfWorld })).toBeUndefined()
    expect(rule({ entity: { kind: 'ip', id: '203.0.113.8' } })).toBeUndefined()
  })

  it('hold the budget of targets per hour', () => {
    const limits = { targetsPerHour: 2, shareOfClients: 1 }
    const subject = { ...throttling, playbook: playbook({ limits }) }
    const ended = { until: startOfWorld - 1 }
    expect(firstRefusal(subject, world({ ledger: ledgerOf(1, ended) }))).toBeUndefined()
    const refusal = firstRefusal(subject, world({ ledger: ledgerOf(2, ended) }))
    expect(refusal).toEqual({
      rule: 'budget',
      detail: '2 targets in the last hour; playbook contain allows 2',
    })
    expect(
      firstRefusal(subject, world({ ledger: ledgerOf(2, { ...ended, at: startOfWorld - 60 * minuteMs }) })),
    ).toBeUndefined()
    expect(
      firstRefusal(subject, world({ ledger: ledgerOf(2, { ...ended, simulated: true }) })),
    ).toBeUndefined()
    const counted = { ...subject, target: { kind: 'ip', id: '198.51.100.0' } as const }
    expect(firstRefusal(counted, world({ ledger: ledgerOf(2) }))).toBeUndefined()
  })

  it.each([
    [1000, 9, undefined],
    [1000, 10, '10 targets are under enforcement; 10 are allowed of 1000 clients of the last hour'],
    [5, 2, undefined],
    [5, 3, '3 targets are under enforcement; 3 are allowed of 5 clients of the last hour'],
    [undefined, 3, '3 targets are under enforcement; 3 are allowed of an unknown number of clients'],
  ])('of %s clients with %s under enforcement: %s', (clients, targets, detail) => {
    const traffic = {
      behind: () => ({ principals: 0, requests: 1, requestsAll: 9 }),
      activeClients: () => clients,
    }
    const refusal = firstRefusal(throttling, world({ traffic, ledger: ledgerOf(targets) }))
    expect(refusal).toEqual(detail && { rule: 'budget', detail })
  })

  it('act in canary for a stable share of entities', () => {
    const canary = playbook({ mode: 'canary', canaryShare: 0.3 })
    const acts = (index: number) => {
      const entity = { kind: 'ip', id: `203.0.113.${index}` } as const
      return (
        firstRefusal({ ...throttling, playbook: canary, finding: finding({ entity }) }, world()) === undefined
      )
    }
    const chosen = Array.from({ length: 250 }, (_, index) => acts(index))
    expect(chosen.filter(Boolean).length / 250).toBeCloseTo(0.3, 1)
    expect(Array.from({ length: 250 }, (_, index) => acts(index))).toEqual(chosen)
  })

  it('ask for a person last', () => {
    const needsPerson = { ...throttling, step: { ...throttleStep, approval: 'required' } as const }
    expect(firstRefusal(needsPerson, world())).toMatchObject({ rule: 'approval' })
    const dryRun = { ...needsPerson, playbook: playbook({ mode: 'dry_run' }) }
    expect(firstRefusal(dryRun, world())).toMatchObject({ rule: 'mode' })
    const irreversible = { ...paging, action: { ...action('page'), reversible: false } }
    expect(firstRefusal(irreversible, world())).toMatchObject({ rule: 'approval' })
  })

  it('answer with the first rule of the order when all would refuse', () => {
    const all = world({
      killSwitch: { engaged: () => 'on' },
      traffic: { behind: () => undefined, activeClients: () => 0 },
      ledger: ledgerOf(3),
    })
    const subject = {
      ...throttling,
      target: { kind: 'ip', id: '10.0.0.1' } as const,
      now: startOfWorld + 1e9,
    }
    expect(firstRefusal(subject, all)?.rule).toBe('kill_switch')
    const off = { ...all, killSwitch: { engaged: () => undefined } }
    expect(firstRefusal(subject, off)?.rule).toBe('protected')
    const unprotected = { ...off, protectedSet: () => undefined }
    expect(firstRefusal(subject, unprotected)?.rule).toBe('not_actionable')
    expect(firstRefusal({ ...subject, now: startOfWorld }, unprotected)?.rule).toBe('scope')
  })
})
