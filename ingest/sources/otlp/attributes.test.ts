import { expect, it } from 'vitest'
import { type Attributes, addAttributes } from './attributes.ts'

it('passes over names longer than any that means something, with all that lies in them', () => {
  const inner = [{ key: 'b', value: { stringValue: 'x' } }]
  const told: Attributes = new Map()
  addAttributes(told, [
    { key: 'k'.repeat(1000), value: { kvlistValue: { values: inner } } },
    { key: 'k'.repeat(1000), value: { stringValue: 'x' } },
    { key: 'a', value: { kvlistValue: { values: inner } } },
  ])
  expect([...told]).toEqual([['a.b', 'x']])
})
