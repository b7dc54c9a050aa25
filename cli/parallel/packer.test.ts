import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Event } from '../../core/event/event.ts'
import { type EventField, eventFieldNames, eventFields } from '../../core/event/event-fields.ts'
import { EventRecord, fieldNumber } from '../../core/event/event-record.ts'
import type { Located } from '../pipeline/partition-lane.ts'
import { Packer } from './packer.ts'
import { Unpacker } from './unpacker.ts'

const fields = eventFieldNames.filter((field) => field !== 'time')
const lists = [['a'], ['a', 'b'], []]
const text = fc.oneof(fc.constantFrom('', 'x', 'y', '\ud800', 'ÿ', '\u0000'), fc.string({ unit: 'binary' }))
const values = {
  text,
  // The same list again, as decoders give it, and one that is only alike.
  texts: fc.oneof(fc.constantFrom(...lists), fc.array(text, { maxLength: 3 })),
  number: fc.double(),
  instant: fc.integer(),
  boolean: fc.boolean(),
}

function located(format: string, time: number, given: Partial<Event>, hint: number): Located {
  const event: EventRecord = Object.assign(new EventRecord(), given, { time })
  // Hints collide on purpose: they are only hints.
  for (const name of Object.keys(given))
    if (hint > 0) event.hints[fieldNumber(name as EventField)] = hint + (fieldNumber(name as EventField) % 3)
  return { time, offset: 0, event, lane: { format } as unknown as Located['lane'] }
}

const some = fc.record(
  Object.fromEntries(fields.map((field) => [field, values[eventFields[field].type]])) as {
    [Field in EventField]: fc.Arbitrary<unknown>
  },
  { requiredKeys: [] },
) as fc.Arbitrary<Partial<Event>>
const event = fc
  .tuple(fc.constantFrom('canonical', 'envoy'), fc.integer(), some, fc.integer({ min: 0, max: 3 }))
  .map((parts) => located(...parts))

it('gives every event again with all its fields, whatever the hints say', () => {
  fc.assert(
    fc.property(fc.array(fc.array(event, { maxLength: 300 }), { maxLength: 4 }), (parts) => {
      const packer = new Packer(fields)
      const unpacker = new Unpacker(fields)
      for (const items of parts) {
        const read: Event[] = []
        unpacker.each(structuredClone(packer.pack(items)), (some) => {
          for (const one of some) read.push({ ...one.event })
        })
        expect(read).toEqual(items.map((item) => ({ ...item.event })))
      }
    }),
    { numRuns: 50 },
  )
})

it('gives hints that stand for the text they come with, as a decoder does', () => {
  const packer = new Packer(['path', 'client.ip'])
  const unpacker = new Unpacker(['path', 'client.ip'])
  const texts = new Map<number, string>()
  for (const [ip, hint] of [
    ['192.0.2.1', 1],
    ['192.0.2.2', 2],
    ['192.0.2.1', 1],
    ['192.0.2.3', 1],
    ['192.0.2.9', 0],
  ] as const) {
    const one = located('canonical', 1, { 'client.ip': ip }, 0)
    ;(one.event as EventRecord).hints[fieldNumber('client.ip')] = hint
    unpacker.each(packer.pack([one]), (items) => {
      expect(items.map(({ event }) => event['client.ip'])).toEqual([ip])
      expect(items.map(({ event }) => event.hints[fieldNumber('client.ip')])).toEqual([hint])
      if (hint > 0) texts.set(hint, ip)
    })
  }
  expect([...texts]).toEqual([
    [1, '192.0.2.3'],
    [2, '192.0.2.2'],
  ])
})

it('sends a text that it remembers once', () => {
  const packer = new Packer(['route'])
  const items = [1, 2, 3].map((time) => located('canonical', time, { route: '/a' }, 4))
  expect(packer.pack(items).values).toEqual(['/a'])
  expect(packer.pack(items).values).toEqual([])
})

it('keeps no long text, whatever the hint says: it may be that of an earlier event', () => {
  const packer = new Packer(['route'])
  const long = 'é'.repeat(257)
  const pack = (route: string) => packer.pack([located('canonical', 1, { route }, 4)]).values
  expect([pack(long), pack(long), pack('/a'), pack(long), pack('/a')]).toEqual([
    [long],
    [long],
    ['/a'],
    [long],
    [],
  ])
})
