import { describe, expect, it } from 'vitest'
import { DecisionTable } from '../../core/decision/decision-table.ts'
import type { Entity } from '../../core/entity/entity.ts'
import { requestFor, runActionContract } from '../../test/contracts/action-contract.ts'
import { createRevokeToken } from './revoke-token.ts'

function create() {
  const table = new DecisionTable()
  return { action: createRevokeToken(table), effects: () => [], keep: table.apply.bind(table) }
}

for (const target of [
  { kind: 'token', id: 'jti-1' },
  { kind: 'principal', id: 'mallory' },
] as const) {
  runActionContract('revoke-token', { create, with: {}, invalidWith: [{ jti: 'x' }], target })
}

describe('revoke-token', () => {
  async function revoked(target: Entity) {
    const table = new DecisionTable()
    const action = createRevokeToken(table)
    const request = requestFor(action, { with: {}, target })
    const outcome = await action.apply(request, new AbortController().signal)
    if (outcome.status === 'applied' && outcome.decision) table.apply(outcome.decision)
    return { table, now: request.now }
  }

  it('refuses one token and no other', async () => {
    const { table, now } = await revoked({ kind: 'token', id: 'jti-1' })
    expect(table.lookup({ jti: 'jti-1' }, now).type).toBe('revoke')
    expect(table.lookup({ jti: 'jti-2' }, now).type).toBe('allow')
  })

  it('cuts a principal off from tokens issued so far, not from the next log-in', async () => {
    const { table, now } = await revoked({ kind: 'principal', id: 'mallory' })
    expect(table.lookup({ principal: 'mallory', iat: now }, now).type).toBe('revoke')
    expect(table.lookup({ principal: 'mallory', iat: now + 1 }, now).type).toBe('allow')
  })
})
