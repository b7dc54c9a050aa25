import { expect, it } from 'vitest'
import { DecisionTable } from '../../core/decision/decision-table.ts'
import { requestFor, runActionContract } from '../../test/contracts/action-contract.ts'
import { createThrottle } from './throttle.ts'

const target = { kind: 'ip', id: '203.0.113.7' } as const

runActionContract('throttle', {
  create: () => {
    const table = new DecisionTable()
    return { action: createThrottle(table), effects: () => [], keep: (decision) => table.apply(decision) }
  },
  with: { rate: '5/m' },
  invalidWith: [{}, { rate: 5 }, { rate: '0/m' }, { rate: '5/month' }, { rate: '-1/s' }],
  target,
})

it('puts the rate in the decision', async () => {
  const action = createThrottle(new DecisionTable())
  const request = requestFor(action, { with: { rate: '10/30s' }, target })
  const outcome = await action.apply(request, new AbortController().signal)
  expect(outcome).toMatchObject({ decision: { type: 'throttle', rate: { count: 10, perMs: 30_000 } } })
})

it('says in the error how to write a rate', () => {
  const result = createThrottle(new DecisionTable()).with.safeParse({ rate: 'slow' })
  expect(result.error?.issues[0]?.message).toMatch(/'slow' is not a rate; write .* 5\/m/)
})
