import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Decision } from '../core/decision/decision.ts'
import { DecisionTable } from '../core/decision/decision-table.ts'
import { applyChange, ReplicatedTable } from './replicated-table.ts'

const decision: Decision = {
  id: 'd-1',
  scope: 'ip',
  value: '203.0.113.7',
  type: 'deny',
  from: 0,
  until: 1000,
  reason: 'test',
  by: 'person:ada',
}

const sorted = (table: { list(): Decision[] }) => table.list().sort((a, b) => (a.id < b.id ? -1 : 1))

it('has replicas that hold what it holds, from whenever they follow to whenever they stop', () => {
  const id = fc.constantFrom('a', 'b', 'c')
  const step = fc.oneof(
    fc.record({ do: fc.constant('apply' as const), id, until: fc.integer({ min: -2, max: 9 }) }),
    fc.record({ do: fc.constant('remove' as const), id }),
    fc.record({ do: fc.constantFrom('follow' as const, 'stop' as const) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const table = new ReplicatedTable()
      const replica = new DecisionTable()
      let stop: (() => void) | undefined
      for (const action of steps) {
        if (action.do === 'apply') {
          const next = { ...decision, id: action.id, until: action.until }
          if (action.until > 0) table.apply(next)
          else expect(() => table.apply(next)).toThrow(RangeError)
        } else if (action.do === 'remove') {
          const held = table.list().some((one) => one.id === action.id)
          expect(table.remove(action.id)).toBe(held)
        } else {
          stop?.()
          stop = action.do === 'follow' ? table.follow((change) => applyChange(replica, change)) : undefined
        }
        if (stop) expect(sorted(replica)).toEqual(sorted(table))
      }
      const before = sorted(replica)
      stop?.()
      table.apply({ ...decision, id: 'late' })
      expect(sorted(replica)).toEqual(before)
    }),
  )
})
