import { expect, it } from 'vitest'
import { counter } from '../aggregates/counter.ts'
import type { Detector } from '../detector/detector.ts'
import { publicHash } from '../hash/keyed-hash.ts'
import type { EntityPack } from '../ports/state-store.ts'
import { EntityTable } from './entity-table.ts'
import { layoutOf } from './layout.ts'
import { RecordCut } from './record-cut.ts'
import { restoreRecords } from './restore-records.ts'
import { beginPack } from './restored-pack.ts'
import type { Keeping } from './slot-changes.ts'

const detector = { id: 'd', version: 1, pane: { hits: counter() }, memory: { ever: counter() } }
const layout = layoutOf({ size: '1h', pane: '10m', memory: { pane: '1d', retention: '7d' } })
const packBounds = { deadBytesMin: 0, packsMax: 2, renewedBytesMax: 1e6 }

function tableOf(keeping: Keeping = 'packs'): EntityTable {
  const options = { hash: publicHash, entitiesMax: 1000, openMax: 1000, keeping, packBounds }
  return new EntityTable(detector as unknown as Detector, layout, options)
}

/** Hits by the name of a part, 0 for one that is gone, as a pack. */
function pack(number: number, parts: Readonly<Record<string, number>>): EntityPack {
  const of = tableOf()
  for (const [name, hits] of Object.entries(parts)) {
    const [, index = '', id = ''] = /^p(\d+) ip:(.*)$/.exec(name) ?? []
    if (hits === 0) of.told.panes.gone(name)
    for (let left = hits; left > 0; left--) {
      const pane = of.paneOf(of.open('ip', id) as number, Number(index))
      of.panes.count(pane, left)
      ;(of.panes.arena.view(pane).cells as unknown as { hits: { add(): void } }).hits.add()
    }
  }
  const [panes] = new RecordCut(of).packs(detector)
  return { ...(panes as EntityPack), number }
}

function restore(table: EntityTable, one: EntityPack) {
  const restored = beginPack(table, one)
  restoreRecords(table, one, () => {})
  return restored
}

/** Hits by the name of a part, and the events of each entity. */
function known(table: EntityTable): Record<string, number> {
  const found: Record<string, number> = {}
  for (let entity = 0; entity < table.index.capacity; entity++) {
    table.unread.read(entity)
    for (let pane = table.panes.newest(entity); pane >= 0; pane = table.panes.older(pane)) {
      const key = table.index.key(entity)
      const { hits } = table.panes.arena.view(pane).cells as unknown as { hits: { value: number } }
      found[`p${table.panes.indexOf(pane)} ${key}`] = hits.value
      found[key] = table.events[entity] as number
    }
  }
  return found
}

it('takes back what it still holds, and nothing that came later', () => {
  const table = tableOf()
  const first = restore(table, pack(1, { 'p5 ip:a': 1, 'p6 ip:a': 2, 'p5 ip:b': 3, 'p5 ip:c': 4 }))
  restore(table, pack(2, { 'p6 ip:a': 7, 'p5 ip:c': 0 }))
  first.withdraw()
  expect(known(table)).toEqual({ 'p6 ip:a': 7, 'ip:a': 7 })
  expect(table.index.size).toBe(1)
  first.withdraw()
  // The number of one that is gone is another's: it begins with nothing.
  restore(table, pack(3, { 'p5 ip:d': 5 }))
  expect(known(table)).toEqual({ 'p6 ip:a': 7, 'ip:a': 7, 'p5 ip:d': 5, 'ip:d': 5 })
})

it('tells pieces of a pack from each other, and packs of a log that begins with the same numbers again', () => {
  const table = tableOf()
  const before = [1, 2, 2, 3].map((number, at) =>
    restore(table, pack(number, { [`p5 ip:${at}`]: 1, 'p9 ip:x': 1 })),
  )
  before[1]?.withdraw()
  expect(Object.keys(known(table)).filter((name) => name.startsWith('p'))).toEqual([
    'p5 ip:0',
    'p9 ip:x',
    'p5 ip:2',
    'p5 ip:3',
  ])
  const again = [1, 2].map((number) => restore(table, pack(number, { [`p5 ip:${number}`]: 2 })))
  for (const one of before) one.withdraw()
  expect(known(table)).toEqual({ 'p5 ip:1': 2, 'ip:1': 2, 'p5 ip:2': 2, 'ip:2': 2 })
  for (const one of again) one.withdraw()
  expect([known(table), table.index.size]).toEqual([{}, 0])
})

it('is not written anew, and not what the log begins with', () => {
  const table = tableOf()
  for (let number = 1; number <= 5; number++) {
    const one = restore(table, pack(number, { [`p5 ip:${number}`]: 1 }))
    if (number <= 3) one.withdraw()
  }
  const { changes } = table.panes
  let written = 0
  const cut = () => {
    const numbers = changes.cut(() => ++written)
    while (changes.writeSome());
    return numbers
  }
  // No more than two are there, which may be.
  expect([cut(), written]).toEqual([{ number: 6, oldest: 4 }, 0])
  restore(table, pack(7, { 'p5 ip:7': 1 }))
  expect([cut(), written]).toEqual([{ number: 8, oldest: 4 }, 1])
})

it('is known only where packs are kept', () => {
  expect(() => restore(tableOf('nothing'), pack(1, { 'p5 ip:a': 1 })).withdraw()).toThrow(
    'packs are not told apart',
  )
})
