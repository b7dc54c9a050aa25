import { describe, expect, it } from 'vitest'
import { ByteWriter } from '../aggregates/byte-writer.ts'
import type { EntityRecord } from '../ports/state-store.ts'
import { formatVersion } from './entity-codec.ts'
import { packsOf } from './entity-pack.ts'
import type { Instance } from './instance.ts'
import { partKey } from './part-name.ts'
import { SharedRecords } from './shared-records.ts'

const instances = ['a', 'b'].map((id) => ({ detector: { id, version: 1 } }) as unknown as Instance)
const entity = 'ip:192.0.2.1'
const pane = (index: number) => partKey(entity, 'pane', index)

/** The beginning of a record, and how much there is behind it. */
function record(sealed: number, length = 1): Uint8Array {
  const out = new ByteWriter()
  out.uint(formatVersion)
  out.float(sealed)
  for (let index = 0; index < length; index++) out.uint(0)
  return out.finish()
}

function add(shared: SharedRecords, stored: EntityRecord, number = 1): void {
  for (const pack of packsOf([stored], number)) shared.take(pack)
}

/** Parts by instance, each a key and its bytes. */
function counted(parts: Readonly<Record<string, readonly (readonly [string, Uint8Array])[]>>) {
  const shared = new SharedRecords(instances)
  for (const [instance, own] of Object.entries(parts)) {
    for (const [key, bytes] of own) add(shared, { detector: instance, version: 1, entity: key, bytes })
  }
  const found = [...shared.drain(() => {})].map(({ parts: kept, ...rest }) => ({
    ...rest,
    parts: [...kept.keys()],
  }))
  expect([...shared.drain(() => {})]).toEqual([])
  return found
}

describe('records of instances that share state', () => {
  it('are one for each instance', () => {
    const own = packsOf([{ detector: 'a', version: 1, entity: pane(1), bytes: record(1) }])
    expect(new SharedRecords(instances).copies(own)).toEqual([...own, { ...own[0], detector: 'b' }])
  })

  it('give an entity once, also where one instance has none', () => {
    const both = [[pane(6), record(6)] as const, [pane(7), record(7)] as const]
    const whole = { entity, parts: [pane(6), pane(7)], stale: [] }
    expect(counted({ a: both, b: both })).toEqual([whole])
    expect(counted({ a: both })).toEqual([whole])
  })

  it('are the last ones of their names, and not those that are gone', () => {
    const shared = new SharedRecords(instances)
    const addBoth = (key: string, bytes: Uint8Array | undefined) => {
      for (const detector of ['a', 'b']) add(shared, { detector, version: 1, entity: key, bytes })
    }
    addBoth(pane(6), record(6, 9))
    addBoth(pane(7), record(7))
    addBoth(pane(6), record(6))
    addBoth(pane(7), undefined)
    const [one] = shared.drain(() => {})
    expect([...(one?.parts.values() ?? [])].map(({ bytes }) => bytes)).toEqual([record(6)])
    expect(one?.stale).toEqual([])
  })

  it('of an instance that was away count less, as a whole: a pane may have gone into memory since', () => {
    const old = [[pane(3), record(3, 9)] as const, [pane(6), record(6)] as const]
    const recent = [[pane(6), record(6, 2)] as const, [pane(7), record(7)] as const]
    const expected = { entity, parts: [pane(6), pane(7)], stale: [pane(3)] }
    expect(counted({ a: old, b: recent })).toEqual([expected])
    expect(counted({ a: recent, b: old })).toEqual([expected])
  })

  it('are those of one, as they are stored, where all have the same', () => {
    const shared = new SharedRecords(instances)
    for (const number of [1, 2])
      for (const detector of ['a', 'b'])
        add(shared, { detector, version: 1, entity: pane(number), bytes: record(number) }, number)
    expect(shared.same().map(({ detector, number }) => [detector, number])).toEqual([
      ['a', 1],
      ['a', 2],
    ])
    expect([...shared.drain(() => {})]).toEqual([])
  })

  it('are not those of a pack that was taken back', () => {
    const shared = new SharedRecords(instances)
    for (const detector of ['a', 'b']) {
      const [old] = packsOf([{ detector, version: 1, entity: pane(6), bytes: record(6) }], 1)
      const taken = old && shared.take(old)
      add(shared, { detector, version: 1, entity: pane(7), bytes: record(7) }, 2)
      taken?.withdraw()
    }
    expect(shared.same().map(({ number }) => number)).toEqual([2])
  })

  it('of an instance that was away within one pane count less', () => {
    const shared = new SharedRecords(instances)
    const addPane = (detector: string, number: number, length: number) =>
      add(shared, { detector, version: 1, entity: pane(7), bytes: record(7, length) }, number)
    addPane('a', 1, 9)
    addPane('b', 1, 9)
    // It took the pane on while the other was away.
    addPane('b', 2, 2)
    expect(shared.same()).toEqual([])
    expect([...shared.drain(() => {})].map(({ parts }) => parts.get(pane(7))?.bytes)).toEqual([record(7, 2)])
  })

  it('of equally new ones the longest counts', () => {
    const short = [[pane(7), record(7)] as const]
    const long = [[pane(7), record(7, 2)] as const]
    for (const copies of [
      { a: short, b: long },
      { a: long, b: short },
    ]) {
      const shared = new SharedRecords(instances)
      for (const [instance, own] of Object.entries(copies))
        for (const [key, bytes] of own) add(shared, { detector: instance, version: 1, entity: key, bytes })
      expect([...shared.drain(() => {})].map(({ parts }) => parts.get(pane(7))?.bytes?.length)).toEqual([
        record(7, 2).byteLength,
      ])
    }
  })
})
