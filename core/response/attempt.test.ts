import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { requestFor } from '../../test/contracts/action-contract.ts'
import { type Action, defineAction, type EffectClass, type Outcome, type Verification } from './action.ts'
import { attemptAction } from './attempt.ts'

const limits = { attemptsMax: 3, deadlineMs: 60_000, attemptTimeoutMs: 1000, unknownWaitMs: 500 }
const lost: Outcome = { status: 'unknown', why: 'lost' }
const applied: Outcome = { status: 'applied' }

/** Tries an action whose calls answer in turn; the last answer is repeated. */
async function attempt(
  effect: EffectClass,
  outcomes: readonly Outcome[],
  verified: readonly Verification[] = [],
) {
  let now = 0
  const waits: number[] = []
  const notes: string[] = []
  const calls = { apply: 0, verify: 0 }
  const action: Action = defineAction({
    id: 'odd',
    summary: 'Answers what it was told to.',
    targets: [],
    with: z.strictObject({}),
    effect,
    enforces: false,
    reversible: true,
    acceptsProvisional: true,
    apply: async () => outcomes[Math.min(calls.apply++, outcomes.length - 1)] ?? applied,
    verify: async () => verified[Math.min(calls.verify++, verified.length - 1)] ?? 'unknown',
    undo: async () => applied,
  })
  const result = await attemptAction(action, requestFor(action, { with: {}, target: undefined }), limits, {
    clock: { now: () => now },
    sleep: async (ms) => {
      now += ms
      waits.push(ms)
    },
    timeout: () => new AbortController().signal,
    stopped: new AbortController().signal,
    recheck: () => undefined,
    note: async (detail) => void notes.push(detail),
  })
  return { result, waits, notes, calls }
}

const retry = (afterMs: number): Outcome => ({ status: 'retry', afterMs, why: 'busy' })

describe('attempts', () => {
  it('note each retry before they wait for it', async () => {
    const { result, waits, notes } = await attempt('keyed', [retry(7000), retry(-1), applied])
    expect(result.status).toBe('applied')
    expect(waits).toEqual([7000, 0])
    expect(notes[0]).toBe('attempt 1 of 3: busy; again after 7000 ms')
  })

  it('end at the number of attempts, or before one that would pass the deadline', async () => {
    expect(await attempt('keyed', [retry(1)])).toMatchObject({
      result: { status: 'failed' },
      calls: { apply: 3 },
    })
    const late = await attempt('keyed', [retry(40_000)])
    expect(late).toMatchObject({ result: { status: 'failed' }, calls: { apply: 2 }, waits: [40_000] })
    expect(late.result).toMatchObject({ detail: expect.stringContaining('deadline of 60000 ms') })
  })

  it('never try again what the receiver refused', async () => {
    const refused: Outcome = { status: 'refused', reason: 'bad request' }
    const { result, calls } = await attempt('keyed', [refused])
    expect([result, calls.apply]).toEqual([{ status: 'refused', detail: 'bad request' }, 1])
  })

  it.each([
    ['keyed', [lost, applied], [], 'applied', 2],
    ['keyed', [lost], [], 'unknown', 3],
    ['at_least_once', [lost, applied], [], 'applied', 2],
    ['at_most_once', [lost, applied], [], 'unknown', 1],
    ['verifiable', [lost], ['present'], 'applied', 1],
    ['verifiable', [lost, applied], ['absent'], 'applied', 2],
    ['verifiable', [lost], ['unknown', 'unknown', 'present'], 'applied', 1],
    ['verifiable', [lost], ['unknown'], 'unknown', 1],
  ] as const)('settle a lost answer of a %s action', async (effect, outcomes, verified, status, applies) => {
    const { result, calls } = await attempt(effect, outcomes, verified)
    expect([result.status, calls.apply]).toEqual([status, applies])
  })
})
