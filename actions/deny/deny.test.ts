import { expect, it } from 'vitest'
import { DecisionTable } from '../../core/decision/decision-table.ts'
import { requestFor, runActionContract } from '../../test/contracts/action-contract.ts'
import { createDeny } from './deny.ts'

const target = { kind: 'principal', id: 'mallory' } as const

runActionContract('deny', {
  create: () => {
    const table = new DecisionTable()
    return { action: createDeny(table), effects: () => [], keep: (decision) => table.apply(decision) }
  },
  with: {},
  invalidWith: [{ rate: '5/m' }, 'deny'],
  target,
})

it('makes a table refuse the target and nobody else', async () => {
  const table = new DecisionTable()
  const action = createDeny(table)
  const request = requestFor(action, { with: {}, target })
  const outcome = await action.apply(request, new AbortController().signal)
  if (outcome.status === 'applied' && outcome.decision) table.apply(outcome.decision)
  expect(table.lookup({ principal: 'mallory' }, request.now).type).toBe('deny')
  expect(table.lookup({ principal: 'alice' }, request.now).type).toBe('allow')
  expect(table.lookup({ principal: 'mallory' }, request.until ?? 0).type).toBe('allow')
})
