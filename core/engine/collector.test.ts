import { expect, it } from 'vitest'
import { entityPartition } from '../cluster/entity-partition.ts'
import type { Event } from '../event/event.ts'
import { publicHash } from '../hash/keyed-hash.ts'
import { Collector } from './collector.ts'
import { PackCursor } from './pack-cursor.ts'
import { parsePartKey } from './part-name.ts'
import { trafficShape } from './traffic-shape.ts'

const start = Date.UTC(2026, 0, 5)
const open = () => new Collector('default', [{ detector: trafficShape, config: {} }], publicHash)

function request(index: number, more: Partial<Event> = {}): { readonly event: Event } {
  const time = start + index * 40
  return {
    event: {
      time,
      'client.ip': `10.0.${index % 200}.${index % 7}`,
      'principal.id': `p-${index % 90}`,
      ...more,
    },
  }
}

function textOf(collector: Collector): string[] {
  return collector.drain().flatMap((pack) => {
    const found: string[] = []
    const cursor = new PackCursor(pack)
    while (cursor.next()) found.push(`${cursor.name} ${Buffer.from(cursor.bytes ?? []).toString('hex')}`)
    expect(found).toHaveLength(pack.records)
    return found
  })
}

it('gives what was seen since the last time, as one that was never asked before', () => {
  const used = open()
  for (let round = 0; round < 5; round++) {
    const items = Array.from({ length: 500 }, (_, index) => request(round * 300 + index))
    const fresh = open()
    for (const collector of [used, fresh]) {
      collector.observeAll(items)
      // Our own refusals are no part of what is sent.
      collector.observeAll([request(0, { enforced_by: `decision-${round}` })])
    }
    const given = textOf(used).sort()
    expect(given.length).toBeGreaterThan(100)
    expect(given).toEqual(textOf(fresh).sort())
  }
  expect(textOf(used)).toEqual([])
})

it('deals panes to the partitions of their entities, in packs that brokers take', () => {
  const collector = open()
  collector.observeAll(
    Array.from({ length: 20_000 }, (_, index) =>
      request(index, { 'client.ip': `10.${index >> 8}.${index % 256}.1`, 'principal.id': `p-${index}` }),
    ),
  )
  const packs = collector.drain(3)
  expect(packs.length).toBeGreaterThan(6)
  expect(Math.max(...packs.map(({ bytes }) => bytes.length))).toBeLessThan(300_000)
  for (const pack of packs) {
    const cursor = new PackCursor(pack)
    while (cursor.next()) {
      const { entity } = parsePartKey(cursor.name)
      expect(entityPartition(publicHash, entity, 3)).toBe(pack.partition)
    }
  }
})
