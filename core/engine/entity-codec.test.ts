import { expect, it } from 'vitest'
import { folded } from '../aggregates/aggregate.ts'
import { ByteReader } from '../aggregates/byte-reader.ts'
import { counter } from '../aggregates/counter.ts'
import { table } from '../aggregates/table.ts'
import type { Detector } from '../detector/detector.ts'
import { publicHash } from '../hash/keyed-hash.ts'
import { formatVersion, restoreHead } from './entity-codec.ts'
import { unpack } from './entity-pack.ts'
import { EntityTable } from './entity-table.ts'
import { layoutOf } from './layout.ts'
import { parsePartKey, partKey } from './part-name.ts'
import { RecordCut } from './record-cut.ts'

const detector = {
  id: 'd',
  version: 1,
  pane: { hits: counter(), ids: table(8, {}) },
  memory: { longIds: folded('ids', table(8, {})) },
} as unknown as Detector
const layout = layoutOf({ size: '1h', pane: '10m', memory: { pane: '1d', retention: '7d' } })
const options = { hash: publicHash, entitiesMax: 1000, openMax: 1000, keeping: 'packs' } as const

function tableOf(entities: number) {
  const made = new EntityTable(detector, layout, options)
  for (let index = 0; index < entities; index++) made.open('ip', `192.0.2.${index}`)
  return made
}

function hit(of: EntityTable, entity: number, pane: number, id: string): void {
  const view = of.panes.arena.view(of.paneOf(entity, pane)).cells as unknown as {
    readonly hits: { add(): void }
    readonly ids: { add(id: string): void }
  }
  view.hits.add()
  view.ids.add(id)
}

function recordsOf(of: EntityTable) {
  return [...unpack(new RecordCut(of).packs(detector))]
}

const keys = (of: EntityTable) => recordsOf(of).map(({ entity, bytes }) => [entity, bytes !== undefined])

it('gives what was touched since the last call, and nothing of what is only known', () => {
  const own = tableOf(100)
  for (let entity = 0; entity < 100; entity++) hit(own, entity, 5, 'a')
  expect(keys(own)).toHaveLength(100)
  expect(keys(own)).toEqual([])
  hit(own, 7, 5, 'b')
  hit(own, 7, 6, 'b')
  expect(keys(own)).toEqual([
    ['p5 ip:192.0.2.7', true],
    ['p6 ip:192.0.2.7', true],
  ])
  // Sealing changes nothing that is stored: which panes are sealed follows from the watermark.
  own.settle(own.panes.newest(8))
  expect(keys(own)).toEqual([])
})

it('tells of a stored pane that went into memory, and of none that was never stored', () => {
  const own = tableOf(2)
  hit(own, 0, 5, 'a')
  keys(own)
  hit(own, 1, 5, 'a')
  for (const entity of [0, 1]) own.settle(own.panes.newest(entity))
  for (const _ of own.forgetting(5 + layout.panes));
  expect(keys(own)).toEqual([
    ['p5 ip:192.0.2.0', false],
    ['s0 ip:192.0.2.0', true],
    ['s0 ip:192.0.2.1', true],
  ])
})

it('restores parts in any order', () => {
  const own = tableOf(1)
  for (const pane of [5, 6, 9]) hit(own, 0, pane, `id ${pane} é`)
  const records = recordsOf(own).reverse()
  const other = new EntityTable(detector, layout, options)
  other.panes.changes.restoring(1)
  for (const { entity, bytes } of records) {
    const { part, index } = parsePartKey(entity)
    const slot = other[`${part}s`].open(other.open('ip', '192.0.2.0') as number, index)
    other[`${part}s`].unread.begin(bytes as Uint8Array)
    restoreHead('d', other, slot, part, new ByteReader(bytes as Uint8Array))
  }
  other.restored(9)
  expect(other.sealed[0]).toBe(6)
  // Nothing is to be stored again, and stored anew it is the same.
  expect(keys(other)).toEqual([])
  for (const pane of [5, 6, 9]) other.panes.changes.changed(other.panes.find(0, pane))
  const again = new Map(recordsOf(other).map(({ entity, bytes }) => [entity, bytes]))
  for (const { entity, bytes } of records) expect(again.get(entity)).toEqual(bytes)
})

it('refuses a record of another version or a torn one, and never misreads it', () => {
  const own = tableOf(1)
  hit(own, 0, 5, 'a')
  const [record] = recordsOf(own)
  const bytes = record?.bytes as Uint8Array
  const decode = (some: Uint8Array) => {
    const other = new EntityTable(detector, layout, options)
    other.panes.changes.restoring(1)
    const slot = other.panes.open(other.open('ip', '192.0.2.0') as number, 5)
    other.panes.unread.begin(some)
    restoreHead('d', other, slot, 'pane', new ByteReader(some))
    other.restored(6)
  }
  decode(bytes)
  expect(bytes[0]).toBe(formatVersion)
  for (const version of [1, formatVersion - 1, formatVersion + 1]) {
    const wrong = Uint8Array.from(bytes)
    wrong[0] = version
    expect(() => decode(wrong)).toThrow(
      `d: stored state has format ${version}, this version reads ${formatVersion}; move the data folder away`,
    )
  }
  for (let size = 0; size < bytes.length; size++)
    expect(() => decode(bytes.subarray(0, size)), `cut at ${size}`).toThrow(RangeError)
})

it('names parts of entities whatever is in their ids, and refuses other keys', () => {
  const key = partKey('token:a p7 s3', 'slice', -2)
  expect(parsePartKey(key)).toEqual({ entity: 'token:a p7 s3', part: 'slice', index: -2 })
  for (const wrong of ['ip:192.0.2.1', 'principal:a b', 'p5x ip:192.0.2.1', 'p ip:192.0.2.1', 'p1.5 ip:x'])
    expect(() => parsePartKey(wrong), wrong).toThrow(/another version/)
})
