import { expect, it } from 'vitest'
import type { JournalEntry } from '../../core/response/journal.ts'
import { at, decision, finding, run } from '../testing/state-records.ts'
import { openLog } from './open-log.ts'
import { OperatorLog } from './operator-log.ts'

const nothing = { openFindings: [], decisions: [] }

/** A log whose lines are kept as they are written and as they parse. */
function opened(restored: ConstructorParameters<typeof OperatorLog>[0]['restored'] = nothing) {
  const written: string[] = []
  const clock = { at, now: () => clock.at }
  const log = openLog('info', { write: (line) => written.push(line) })
  const lines = () => written.map((line) => JSON.parse(line) as Record<string, unknown>)
  return { operatorLog: new OperatorLog({ log, clock, restored }), written, lines, clock }
}

const result = (change: Partial<JournalEntry>): JournalEntry => ({
  kind: 'result',
  key: 'k',
  term: 1,
  run: 'r-1',
  step: 'page',
  action: 'page',
  status: 'refused',
  at,
  ...change,
})

it('tells of a finding when it is new and when its severity changes, not when it is updated', () => {
  const { operatorLog, lines } = opened()
  operatorLog.findings([finding({ severity: 'medium' }), finding({ severity: 'medium', last: at + 3000 })])
  operatorLog.findings([finding({ severity: 'medium', last: at + 4000 }), finding({ severity: 'critical' })])
  expect(lines().map(({ msg, severity, was }) => [msg, severity, was])).toEqual([
    ['finding', 'medium', undefined],
    ['finding changed severity', 'critical', 'medium'],
  ])
  expect(lines()[0]).toMatchObject({
    level: 30,
    finding: 'f-1',
    detector: 'jti-reuse',
    entity: { kind: 'token', id: 'jti-\\u{1b}[31m1' },
  })
})

it('does not tell again of what was found before a restart', () => {
  const { operatorLog, lines } = opened({ openFindings: [finding()], decisions: [] })
  operatorLog.findings([finding({ last: at + 9000 }), finding({ id: 'f-2' })])
  expect(lines().map((line) => line.finding)).toEqual(['f-2'])
})

it('tells how steps ended, with the rule that refused one', () => {
  const { operatorLog, lines } = opened()
  const entry = (change: Partial<JournalEntry>) =>
    result({ step: 'revoke', action: 'revoke-token', ...change })
  operatorLog.responded({
    runs: [run()],
    journal: [
      entry({ kind: 'intent' }),
      entry({ status: 'applied', until: at + 900_000, target: { kind: 'token', id: 'jti-1' } }),
      result({}),
      result({ run: 'r-2', status: 'dry_run', detail: 'mode: dry run' }),
      result({ run: 'r-2', status: 'failed', detail: 'no such action' }),
      result({ status: 'skipped' }),
    ],
  })
  expect(lines()).toMatchObject([
    {
      msg: 'step applied',
      playbook: 'contain-jti-reuse',
      finding: 'f-1',
      step: 'revoke',
      target: { kind: 'token', id: 'jti-1' },
      until: '2026-03-02T09:15:00.000Z',
    },
    { msg: 'step refused', rule: 'mode', why: 'dry run' },
    { msg: 'step dry run', why: 'mode: dry run' },
    { level: 40, msg: 'step failed', why: 'no such action' },
  ])
})

it('tells of decisions made, renewed and ended, and why they ended', () => {
  const { operatorLog, lines } = opened({ openFindings: [], decisions: [decision({ id: 'd-0' })] })
  operatorLog.responded({ decisions: [decision()] })
  operatorLog.responded({ decisions: [decision({ until: at + 1_800_000 })] })
  const undo = result({ kind: 'undo', key: 'd-1', detail: 'taken back by ann' })
  operatorLog.responded({ decisionsRemoved: ['d-1'], journal: [undo] })
  operatorLog.responded({ decisionsRemoved: ['d-0'], journal: [result({ kind: 'expired', key: 'd-0' })] })
  expect(lines().map(({ msg, decision, why }) => [msg, decision, why])).toEqual([
    ['decision added', 'd-1', undefined],
    ['decision renewed', 'd-1', undefined],
    ['decision ended', 'd-1', 'taken back by ann'],
    ['decision ended', 'd-0', undefined],
  ])
  expect(lines()[0]).toMatchObject({
    type: 'throttle',
    rate: '5/m',
    target: { kind: 'principal', id: 'mallory' },
    by: 'playbook:contain-jti-reuse',
    reason: 'token used in two places',
  })
})

it('writes ten lines of a kind in a second, then how many more there were', () => {
  const { operatorLog, lines, clock } = opened()
  operatorLog.findings(Array.from({ length: 200 }, (_, index) => finding({ id: `f-${index}` })))
  operatorLog.responded({ decisions: [decision()] })
  expect(lines().map(({ msg }) => msg)).toEqual([...Array(10).fill('finding'), 'decision added'])
  clock.at += 1000
  operatorLog.flush()
  expect(lines().at(-1)).toMatchObject({
    more: 190,
    msg: '… more findings; picket findings list shows them',
  })
  operatorLog.findings(Array.from({ length: 20 }, (_, index) => finding({ id: `g-${index}` })))
  operatorLog.end()
  expect(lines().at(-1)).toMatchObject({ more: 10 })
})

it('writes nothing that acts on a terminal, and no session whole', () => {
  const { operatorLog, written, lines } = opened()
  const id = 'x\u001b[2J\u009b31m\u202e\u2028y'
  operatorLog.findings([
    finding({ entity: { kind: 'principal', id } }),
    finding({ id: 'f-2', entity: { kind: 'session', id: 'bearer-of-this-id' } }),
  ])
  operatorLog.responded({ decisions: [decision({ value: id, by: `person:${id}`, reason: id })] })
  for (const line of written) expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}](?!$)/u)
  // Nor once it is parsed, as by jq -r.
  for (const { entity, target, by, reason } of lines()) {
    for (const value of [entity, target, by, reason].flatMap((one) => Object.values(Object(one))))
      expect(value).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
  }
  expect(written.join('')).not.toContain('bearer-of-this-id')
})
