import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { eventFieldNames, eventFields } from '../../core/event/event-fields.ts'
import type { AnalyticsTable } from '../../core/ports/analytics-store.ts'
import { eventRow, finding, monday9 } from '../../test/contracts/analytics-store-rows.ts'
import { RowBytes } from './row-binary/row-bytes.ts'
import { batchHeader, columnsOf, rowEncoder } from './row-encoder.ts'
import { events } from './schema/events.ts'
import { migrations } from './schema/migrations.ts'
import { tables } from './schema/tables.ts'

const names = Object.keys(tables) as AnalyticsTable[]

const anything = {
  text: fc.option(fc.string({ unit: 'binary', maxLength: 200 }), { nil: undefined }),
  texts: fc.option(fc.array(fc.string({ unit: 'binary' })), { nil: undefined }),
  number: fc.option(fc.double(), { nil: undefined }),
  instant: fc.option(fc.double(), { nil: undefined }),
  boolean: fc.option(fc.boolean(), { nil: undefined }),
}
/** Events with any value in any field, also of another type than the field's. */
const anyEvent = fc.record({
  ...Object.fromEntries(
    eventFieldNames.map((name) => [
      name,
      fc.oneof({ weight: 9, arbitrary: anything[eventFields[name].type] }, fc.anything()),
    ]),
  ),
  time: fc.nat(2 ** 42),
})

it('the compiled writer of events writes what the columns write, for anything in them', () => {
  fc.assert(
    fc.property(anyEvent, fc.nat(), (event, offset) => {
      const row = eventRow(offset, event as never)
      const [compiled, columns] = [new RowBytes(), new RowBytes()]
      events.writeRow?.(compiled, row)
      for (const column of events.columns) column.write(columns, row)
      expect(compiled.take()).toEqual(columns.take())
    }),
  )
})

it.each(names)('a batch of %s says which columns it holds, `stored` being the store’s', (name) => {
  const columns = columnsOf(batchHeader(name))
  expect(columns).toEqual(['space', 'lane', ...tables[name].columns.map((column) => column.name)])
  expect(new Set(columns).size).toBe(columns.length)
})

it('refuses bytes that are no batch', () => {
  expect(() => columnsOf(Buffer.from('\u0002\u0001a\u0005b; --'))).toThrow(RangeError)
  expect(() => columnsOf(Buffer.of(3))).toThrow(RangeError)
})

it('writes nothing of a row that fails', () => {
  const out = new RowBytes()
  const encoder = rowEncoder('findings', 's', 'live')
  encoder.write(out, finding())
  const { length } = out
  expect(() => encoder.write(out, finding({ evidence: { big: 1n } }))).toThrow(TypeError)
  expect(out.length).toBe(length)
})

it('tells the partition of a row', () => {
  const encoder = rowEncoder('events', 's', 'live')
  const day = monday9 / 86_400_000
  expect(encoder.partitionDay(eventRow(0))).toBe(Math.floor(day))
  expect(encoder.partitionDay(eventRow(0, { time: monday9 + 86_400_000 }))).toBe(Math.floor(day) + 1)
  expect(encoder.partitionDay(eventRow(0, { time: -1 }))).toBe(0)
})

it('no released migration changes: a new column or setting is a new one', () => {
  const digests = migrations.map((statements) =>
    createHash('sha256').update(statements('picket').join(';\n')).digest('hex').slice(0, 16),
  )
  expect(digests).toEqual(['c58f22299009fd29', 'f266e0605a6589ee'])
})
