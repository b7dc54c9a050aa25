import { expect, it } from 'vitest'
import { eventFieldNames } from './event-fields.ts'
import { EventRecord, fieldNumber } from './event-record.ts'

it.each([...eventFieldNames])('sets %s and nothing else', (name) => {
  const record = new EventRecord()
  record.set(fieldNumber(name), 'value')
  expect(record[name]).toBe('value')
  const others = Object.entries(record).filter(
    ([key, value]) => key !== name && key !== 'time' && value !== undefined,
  )
  expect(others).toEqual([])
  record.clear()
  expect(record).toEqual(new EventRecord())
})

it('has every field from the start, in the documented order', () => {
  expect(Object.keys(new EventRecord())).toEqual([...eventFieldNames])
})

it('has hints beside its fields, which no copy takes along', () => {
  const record = new EventRecord()
  record.hints[fieldNumber('client.ip')] = 17
  expect(record.hints).toHaveLength(eventFieldNames.length)
  expect(Object.assign(new EventRecord(), record).hints[fieldNumber('client.ip')]).toBe(0)
  expect(JSON.stringify(record)).toBe('{"time":null}')
  expect(Object.keys({ ...record })).toEqual([...eventFieldNames])
})
