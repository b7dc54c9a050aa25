import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ByteWriter } from '../aggregates/byte-writer.ts'
import { PackCursor } from '../engine/pack-cursor.ts'
import { decodeObservation, encodeObservation, type Observation } from './observation.ts'

const marker = fc.record({
  source: fc.string({ minLength: 1 }),
  partition: fc.string({ minLength: 1 }),
  siblings: fc.integer({ min: 1, max: 1e6 }),
  position: fc.maxSafeNat(),
  time: fc.oneof(fc.constant(Number.NEGATIVE_INFINITY), fc.integer()),
  greatest: fc.oneof(fc.constant(Number.NEGATIVE_INFINITY), fc.integer()),
  latenessMs: fc.nat(),
  isIdle: fc.boolean(),
  records: fc.nat(),
  refused: fc.nat(),
  waiting: fc.nat(),
})
const sample = {
  byVantage: [{ vantage: 'edge', events: 7, fields: ['client.ip'] }],
  worked: ['credential-stuffing'],
}
const pack = fc.record({
  detector: fc.string(),
  version: fc.nat(),
  records: fc.nat(),
  bytes: fc.uint8Array({ maxLength: 300 }),
})

it('says the same after its codec', () => {
  const observation = fc.record({ packs: fc.array(pack), layout: fc.string(), marker })
  fc.assert(
    fc.property(observation, (given) => {
      const { packs, ...rest } = decodeObservation(encodeObservation(given))
      const copies = packs.map((one) => ({ ...one, bytes: Uint8Array.from(one.bytes) }))
      expect({ packs: copies, ...rest }).toEqual(given)
    }),
  )
})

it('tells what a sample of the events had', () => {
  const [told] = fc.sample(marker, 1)
  if (!told) throw new Error('no marker')
  const given = { packs: [], layout: 'l', marker: { ...told, sample } }
  expect(decodeObservation(encodeObservation(given))).toEqual(given)
})

it('refuses torn messages and other versions', () => {
  const bytes = encodeObservation({
    layout: 'l',
    packs: [{ detector: 'd', version: 1, records: 1, bytes: Uint8Array.of(1, 2, 3) }],
  } satisfies Observation)
  for (let length = 0; length < bytes.length; length++) {
    // The head alone is whole.
    if (length === 4) continue
    expect(() => decodeObservation(bytes.subarray(0, length)), String(length)).toThrow(RangeError)
  }
  expect(() => decodeObservation(Uint8Array.of(9, ...bytes.subarray(1)))).toThrow(/format 9/)
})

it('reads what the first version wrote: records, and markers without counts', () => {
  const out = new ByteWriter()
  for (const value of [1, 'l', 1, 'gateway', 'gateway:0', 3, 70] as const)
    if (typeof value === 'number') out.uint(value)
    else out.text(value)
  out.float(5000)
  out.float(6000)
  out.uint(30_000)
  out.uint(1)
  out.text('d')
  out.uint(1)
  out.text('p5 ip:192.0.2.1')
  out.bytes(Uint8Array.of(7))
  const { packs, marker } = decodeObservation(out.finish())
  expect(marker).toEqual({
    source: 'gateway',
    partition: 'gateway:0',
    siblings: 3,
    position: 70,
    time: 5000,
    greatest: 6000,
    latenessMs: 30_000,
    isIdle: true,
    records: 0,
    refused: 0,
    waiting: 0,
  })
  const [pack] = packs
  if (!pack) throw new Error('no pack')
  expect(pack).toMatchObject({ detector: 'd', version: 1, records: 1 })
  const cursor = new PackCursor(pack)
  expect([cursor.next(), cursor.name, [...(cursor.bytes ?? [])], cursor.next()]).toEqual([
    true,
    'p5 ip:192.0.2.1',
    [7],
    false,
  ])
})
