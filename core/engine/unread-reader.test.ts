import { expect, it } from 'vitest'
import { folded } from '../aggregates/aggregate.ts'
import { counter } from '../aggregates/counter.ts'
import { table } from '../aggregates/table.ts'
import type { Detector } from '../detector/detector.ts'
import { publicHash } from '../hash/keyed-hash.ts'
import type { EntityPack } from '../ports/state-store.ts'
import { EntityTable } from './entity-table.ts'
import { layoutOf } from './layout.ts'
import { PackCursor } from './pack-cursor.ts'
import { RecordCut } from './record-cut.ts'
import { restoreRecords } from './restore-records.ts'

const detector = {
  id: 'd',
  version: 1,
  pane: { hits: counter(), ids: table(8, {}) },
  memory: { longIds: folded('ids', table(8, {})), visits: counter() },
  sums: ['ids'],
} as unknown as Detector
const layout = layoutOf({ size: '1h', pane: '10m', memory: { pane: '1d', retention: '7d' } })
const options = { hash: publicHash, entitiesMax: 1000, openMax: 1000, keeping: 'packs' } as const
const entities = 300

function hit(of: EntityTable, entity: number, pane: number, id: string): void {
  const { cells } = of.panes.arena.view(of.paneOf(entity, pane))
  const memory = of.slices.arena.view(of.memoryOf(of.panes.newest(entity))).cells
  const { hits, ids, visits } = { ...cells, ...memory } as unknown as {
    readonly hits: { add(): void }
    readonly ids: { add(id: string): void }
    readonly visits: { add(): void }
  }
  hits.add()
  ids.add(id)
  visits.add()
}

/** Each entity has a slice of long memory, a sealed pane and an open one. */
function written(): EntityPack[] {
  const own = new EntityTable(detector, layout, options)
  for (let entity = 0; entity < entities; entity++) own.open('ip', `192.0.2.${entity}`)
  for (const pane of [5, 20]) {
    for (let entity = 0; entity < entities; entity++) {
      hit(own, entity, pane, `id ${pane}`)
      own.settle(own.panes.newest(entity))
    }
    for (const _ of own.forgetting(pane + 1));
  }
  for (let entity = 0; entity < entities; entity++) hit(own, entity, 21, 'id 21')
  return new RecordCut(own).packs(detector)
}

function restored(packs: readonly EntityPack[]): EntityTable {
  const other = new EntityTable(detector, layout, options)
  for (const pack of packs) {
    other[`${pack.part}s`].changes.restoring(1)
    restoreRecords(other, pack, () => {})
  }
  other.restored(21)
  return other
}

const isRead = ({ panes, slices }: EntityTable) => panes.unread.isEmpty && slices.unread.isEmpty

it('reads all parts of an entity that is met, and sums what is sealed of it', () => {
  const packs = written()
  expect(packs.map(({ part }) => part)).toEqual(['pane', 'slice'])
  const other = restored(packs)
  expect(isRead(other)).toBe(false)
  const last = other.index.get('ip', `192.0.2.${entities / 2}`) as number
  const parts = [other.panes.newest(last), other.panes.oldest(last)]
  expect(parts.map((pane) => other.panes.unread.has(pane))).toEqual([true, true])
  const ids = other.panes.arena.names.indexOf('ids')
  expect(other.sums.of(ids, last)).toBe(0)
  hit(other, last, 22, 'id 22')
  expect(parts.map((pane) => other.panes.unread.has(pane))).toEqual([false, false])
  expect(parts.map((pane) => other.panes.arena.size(ids, pane))).toEqual([1, 1])
  expect(other.slices.arena.size(0, other.slices.newest(last))).toBe(1)
  expect(other.sums.of(ids, last)).toBe(1)
})

it('reads on until nothing is left, and is what it was', () => {
  const packs = written()
  const other = restored(packs)
  for (const _ of other.unread.readOn());
  expect(isRead(other)).toBe(true)
  expect(other.panes.unread.bytes).toBe(0)
  for (const cells of [other.panes, other.slices]) {
    for (let slot = 0; slot < cells.arena.slots; slot++)
      if (cells.entityOf(slot) >= 0) cells.changes.changed(slot)
  }
  const again = new RecordCut(other).packs(detector)
  expect(again.map(({ bytes }) => bytes)).toEqual(packs.map(({ bytes }) => bytes))
})

it('sums nothing of what expires unread', () => {
  const other = restored(written())
  const ids = other.panes.arena.names.indexOf('ids')
  const last = other.index.get('ip', `192.0.2.${entities / 2}`) as number
  for (const _ of other.forgetting(20 + layout.panes));
  expect(other.sums.of(ids, last)).toBe(0)
  expect(other.slices.arena.size(0, other.slices.newest(last))).toBe(2)
})

it('has what an open pane adds to memory go there when it is sealed, though nobody looked at it', () => {
  const other = restored(written())
  const last = other.index.get('ip', `192.0.2.${entities / 2}`) as number
  const visits = other.slices.arena.names.indexOf('visits')
  other.settle(other.panes.newest(last))
  expect(other.slices.arena.size(visits, other.slices.newest(last))).toBe(3)
  expect(other.unsettledOf(other.panes.newest(last))).toBe(-1)
})

it('leaves nothing unread behind in slots that are given back', () => {
  const brief = { ...detector, memory: {} } as Detector
  const own = layoutOf({ size: '1h', pane: '10m' })
  const before = new EntityTable(brief, own, options)
  const other = new EntityTable(brief, own, options)
  for (let entity = 0; entity < entities; entity++) {
    before.open('ip', `192.0.2.${entity}`)
    before.panes.count(before.paneOf(entity, 5), 1)
    const { hits } = before.panes.arena.view(before.panes.newest(entity)).cells as unknown as {
      readonly hits: { add(count: number): void }
    }
    hits.add(7)
  }
  for (const pack of new RecordCut(before).packs(detector)) {
    other.panes.changes.restoring(1)
    restoreRecords(other, pack, () => {})
  }
  other.restored(6)
  expect(other.panes.unread.isEmpty).toBe(false)
  for (const _ of other.forgetting(5 + own.panes));
  expect(other.panes.unread.isEmpty).toBe(true)
  const hits = other.panes.arena.names.indexOf('hits')
  for (let entity = 0; entity < entities; entity++) {
    const pane = other.paneOf(other.open('session', `s-${entity}`) as number, 20)
    other.unread.read(other.panes.entityOf(pane))
    expect(other.panes.arena.size(hits, pane)).toBe(0)
  }
})

it('lets go of a pack whose records were all replaced', () => {
  const packs = written()
  const other = new EntityTable(detector, layout, options)
  for (const number of [1, 2, 3]) {
    for (const pack of packs) {
      other[`${pack.part}s`].changes.restoring(number)
      restoreRecords(other, { ...pack, bytes: pack.bytes.slice() }, () => {})
    }
  }
  other.restored(21)
  expect(other.panes.unread.bytes).toBe(restored(packs).panes.unread.bytes)
})

it('tells of a torn record whenever it is asked, and never gives the half of it', () => {
  const packs = written()
  const other = new EntityTable(detector, layout, options)
  for (const pack of packs) {
    other[`${pack.part}s`].changes.restoring(1)
    const torn = { ...pack, bytes: pack.bytes.slice() }
    const cursor = new PackCursor(torn)
    // None of those that a start reads.
    while (cursor.next()) if (cursor.part?.id === `192.0.2.${entities / 2}`) cursor.bytes?.fill(0xff, -3)
    restoreRecords(other, torn, () => {})
  }
  other.restored(21)
  const readAll = () => {
    for (const _ of other.unread.readOn());
  }
  const message = /^d: stored state of ip:192\.0\.2\.\d+ can't be read: record ends inside/
  expect(readAll).toThrow(message)
  expect(readAll).toThrow(message)
  for (let entity = 0; entity < entities; entity++) expect(() => other.unread.read(entity)).toThrow(message)
})
