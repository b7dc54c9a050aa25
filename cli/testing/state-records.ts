import type { Decision } from '../../core/decision/decision.ts'
import type { Finding } from '../../core/detector/finding.ts'
import type { JournalEntry } from '../../core/response/journal.ts'
import type { Run } from '../../core/response/run.ts'

/** Event time of the records: 2026-03-02 09:00 UTC. */
export const at = Date.UTC(2026, 2, 2, 9)

export function finding(change: Partial<Finding> = {}): Finding {
  return {
    id: 'f-1',
    space: 'default',
    lane: 'live',
    detector: 'jti-reuse',
    version: 1,
    entity: { kind: 'token', id: 'jti-\u001b[31m1' },
    period: at,
    state: 'final',
    severity: 'high',
    score: 0.9,
    first: at + 1000,
    last: at + 2000,
    evidence: { places: [{ ip: '203.0.113.9', agents: ['curl'] }], uses: 4, nothing: [] },
    manifest: 'm1:0',
    root: 'f-1',
    ...change,
  }
}

export function run(change: Partial<Run> = {}): Run {
  return {
    id: 'r-1',
    space: 'default',
    lane: 'live',
    playbook: 'contain-jti-reuse',
    digest: 'p1:0',
    mode: 'enforce',
    finding: finding(),
    state: 'done',
    steps: [
      {
        step: 'revoke',
        action: 'revoke-token',
        status: 'applied',
        target: { kind: 'token', id: 'jti-1' },
        decision: 'd-1',
        until: at + 900_000,
        at: at + 3000,
      },
      { step: 'page', action: 'page', status: 'refused', rule: 'mode', detail: 'dry run', at: at + 4000 },
    ],
    started: at + 2500,
    ...change,
  }
}

export function journal(term: number): JournalEntry[] {
  const common = { key: 'd-1', term, run: 'r-1', step: 'revoke', action: 'revoke-token' } as const
  return [
    { ...common, kind: 'intent', at: at + 2900 },
    { ...common, kind: 'result', status: 'applied', until: at + 900_000, detail: 'in force', at: at + 3000 },
  ]
}

export function decision(change: Partial<Decision> = {}): Decision {
  return {
    id: 'd-1',
    scope: 'principal',
    value: 'mallory',
    type: 'throttle',
    rate: { count: 5, perMs: 60_000 },
    from: at,
    until: at + 900_000,
    reason: 'token used in two places',
    finding: 'f-1',
    run: 'r-1',
    step: 'revoke',
    by: 'playbook:contain-jti-reuse',
    ...change,
  }
}
