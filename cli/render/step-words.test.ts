import { describe, expect, it } from 'vitest'
import type { StepState } from '../../core/response/run.ts'
import { stepReason, stepStatus } from './step-words.ts'

const at = Date.UTC(2026, 2, 2, 9)
const held = { decision: 'd-1', until: at + 60_000 } as const
const ended = { decision: 'd-1', until: at } as const

describe('a step is told as', () => {
  it.each<[string, Partial<StepState>, string]>([
    ['applied', { status: 'applied', ...held, detail: 'in force' }, 'in force'],
    ['applied', { status: 'applied' }, ''],
    ['refused', { status: 'refused', rule: 'scope', detail: '27 of 5' }, 'scope: 27 of 5'],
    ['refused', { status: 'refused', rule: 'exempt', detail: 'exempt until 9' }, 'exempt: exempt until 9'],
    [
      'refused',
      { status: 'refused', rule: 'budget', detail: '50 of 50', ...held },
      'budget: 50 of 50; what was decided before holds until 2026-03-02 09:01:00',
    ],
    ['taken back', { status: 'refused', rule: 'exempt', detail: 'taken back by Ada', ...ended }, 'by Ada'],
    [
      'taken back',
      { status: 'refused', rule: 'kill_switch', detail: 'the file', ...ended },
      'kill_switch: the file',
    ],
    [
      'taken back',
      { status: 'refused', rule: 'protected', detail: 'in 10/8', ...ended },
      'protected: in 10/8',
    ],
    ['taken back', { status: 'refused', rule: 'exempt', detail: 'no rate', ...ended }, 'no rate'],
    ['dry run', { status: 'dry_run', rule: 'mode', detail: 'in dry_run' }, 'mode: in dry_run'],
    ['skipped', { status: 'skipped', detail: 'when: a > 1' }, 'its condition is false: a > 1'],
    ['failed', { status: 'failed', detail: 'no answer' }, 'no answer'],
    ['unknown', { status: 'unknown', detail: 'lost' }, 'lost'],
    ['pending', { status: 'pending' }, ''],
  ])('%s: %j', (status, state, reason) => {
    const step = { step: 's', action: 'throttle', at, status: 'pending', ...state } as StepState
    expect([stepStatus(step), stepReason(step)]).toEqual([status, reason])
  })
})
