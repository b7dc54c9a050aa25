import { expect, it } from 'vitest'
import { eventFieldNames } from './event-fields.ts'
import { EventRecord } from './event-record.ts'
import { fieldNumbers, putField } from './put-field.ts'

it.each([...eventFieldNames])('puts %s where it belongs, and nowhere else', (name) => {
  const record = new EventRecord()
  putField(record, fieldNumbers.get(name) ?? -1, 'value' as never)
  expect(record[name]).toBe('value')
  record.clear()
  if (name !== 'time') expect(record[name]).toBeUndefined()
  const others = Object.entries(record).filter(([key, value]) => key !== 'time' && value !== undefined)
  expect(others).toEqual([])
})

it('has every field from the start', () => {
  expect(Object.keys(new EventRecord())).toEqual([...eventFieldNames])
})
