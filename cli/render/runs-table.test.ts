import { expect, it } from 'vitest'
import type { Finding } from '../../core/detector/finding.ts'
import type { Run, StepState } from '../../core/response/run.ts'
import { plain } from './paint.ts'
import { runsTable } from './runs-table.ts'

const started = Date.UTC(2026, 2, 9, 8, 7, 6)
const target = { kind: 'principal', id: 'mallory' } as const

function run(entityId: string, steps: readonly Partial<StepState>[]): Run {
  return {
    id: `run-${entityId}`,
    playbook: 'contain',
    mode: 'enforce',
    started,
    finding: { entity: { kind: 'principal', id: entityId }, severity: 'high' } as Finding,
    steps: steps.map((step) => ({
      step: 'slow',
      action: 'throttle',
      status: 'applied',
      at: started,
      ...step,
    })),
  } as unknown as Run
}

it('tells what came of each step, and why', () => {
  const text = runsTable([
    run('mallory', [
      { target, until: started + 60_000 },
      { target, until: started + 86_400_000 },
      { step: 'page', action: 'page' },
      { target, status: 'refused', rule: 'scope', detail: '27 principals; the limit is 5' },
      { target, status: 'dry_run', rule: 'mode', detail: 'playbook contain is in dry_run' },
      { status: 'skipped', detail: 'when: false' },
      { status: 'failed', detail: 'no answer' },
      {
        target,
        status: 'refused',
        rule: 'exempt',
        detail: 'taken back by Ada',
        decision: 'd-1',
        until: started,
      },
    ]),
  ])
  expect(text).toBe(`contain (enforce)
  08:07:06  principal mallory, high
          slow  applied     throttle principal mallory until 08:08:06
          slow  applied     throttle principal mallory until 2026-03-10 08:07:06
          page  applied
          slow  refused     scope: 27 principals; the limit is 5
          slow  dry run     would throttle principal mallory; playbook contain is in dry_run
          slow  skipped     its condition is false: false
          slow  failed      no answer
          slow  taken back  throttle principal mallory at 08:07:06, by Ada`)
})

it('keeps hostile names in their line, and lines within the width', () => {
  const hostile = `\u001b[2J\n${'long words '.repeat(30)}`
  const text = runsTable([run(hostile, [{ target: { kind: 'principal', id: hostile }, until: started }])], {
    paint: plain,
    width: 100,
  })
  expect(text).not.toMatch(/[^\P{Cc}\n]/u)
  expect(text.split('\n').filter((line) => line.length > 100)).toEqual([])
  expect(text).toContain('\\u{1b}[2J\\u{a}long words')
})
