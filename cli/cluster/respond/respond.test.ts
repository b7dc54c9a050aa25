import { expect, it } from 'vitest'
import type { Action, ActionRequest } from '../../../core/response/action.ts'
import { findingOf } from '../../../test/contracts/state-store-contract.ts'
import { fencedActions } from './fenced-actions.ts'
import { PendingFindings } from './pending-findings.ts'

it('an action of a responder that was taken over does nothing', async () => {
  const calls: string[] = []
  const called = (name: string) => async () => {
    calls.push(name)
    return { status: 'applied' } as const
  }
  const action = { id: 'page', apply: called('apply'), undo: called('undo') } as unknown as Action
  const request = {} as ActionRequest<unknown>
  const { signal } = new AbortController()
  let isFenced = false
  const fenced = fencedActions(new Map([['page', action]]), async () => {
    if (isFenced) throw new Error('another process has taken over')
  }).get('page')
  await fenced?.apply(request, signal)
  isFenced = true
  await expect(fenced?.apply(request, signal)).rejects.toThrow('taken over')
  await expect(fenced?.undo(request, signal)).rejects.toThrow('taken over')
  expect(calls).toEqual(['apply'])
})

it('findings wait, in their order, until the traffic is counted that they were made of', () => {
  const pending = new PendingFindings()
  let seen = 0
  const hasSeen = (positions: ReadonlyMap<string, number>) => (positions.get('p') ?? 0) <= seen
  for (const [index, position] of [5, 5, 9, 3].entries()) {
    pending.add({ finding: findingOf(`f-${index}`, 1), observed: new Map([['p', position]]) }, index + 1)
  }
  const take = () => {
    const { findings, next } = pending.take(hasSeen)
    return [findings.map(({ id }) => id), next]
  }
  expect(take()).toEqual([[], 0])
  seen = 5
  expect(take()).toEqual([['f-0', 'f-1'], 2])
  seen = 9
  expect(take()).toEqual([['f-2', 'f-3'], 4])
  expect(pending.isEmpty).toBe(true)
})
