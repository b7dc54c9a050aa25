import { expect, it } from 'vitest'
import { packsOf, unpack } from '../../../../core/engine/entity-pack.ts'
import type { EntityPack, EntityRecord } from '../../../../core/ports/state-store.ts'
import { CollectedPacks } from '../../../../test/cluster/collected-packs.ts'
import { findingOf } from '../../../../test/contracts/state-store-contract.ts'
import { KeptPacks } from './kept-packs.ts'
import { stateMessages } from './state-messages.ts'
import { StateRecords } from './state-records.ts'

const time = { watermark: Number.NEGATIVE_INFINITY, sources: '{}', next: 4 }
const record = (entity: string, bytes: Uint8Array | undefined): EntityRecord => ({
  detector: 'd',
  version: 2,
  entity,
  bytes,
})
const pack = (number: number, oldest: number, ...records: EntityRecord[]): EntityPack[] =>
  packsOf(records, number).map((one) => ({ ...one, oldest }))

/** A compacted topic, without what is gone. */
class Topic {
  readonly values = new Map<string, Buffer>()

  take(messages: ReturnType<typeof stateMessages>): void {
    for (const { key, value } of messages) {
      if (value) this.values.set(String(key), Buffer.from(value))
      else this.values.delete(String(key))
    }
  }

  read() {
    const collected = new CollectedPacks()
    const records = new StateRecords(collected)
    for (const [key, value] of this.values) records.take(key, value)
    records.take('barrier', Buffer.from('x'))
    const { packs, ...restored } = records.read()
    return { ...restored, packs: [...collected, ...packs] }
  }

  /** What counts of entities, by name. */
  get entities(): Record<string, number[]> {
    const found = new Map<string, number[]>()
    for (const { entity, bytes } of unpack(this.read().packs)) {
      if (bytes) found.set(entity, [...bytes])
      else found.delete(entity)
    }
    return Object.fromEntries(found)
  }
}

const nothing = { packs: [], findings: [], closed: [], time }

it('gives the newest of each record back, and none that is gone', () => {
  const [topic, kept] = [new Topic(), new KeptPacks()]
  const first = pack(
    1,
    1,
    record('p5 ip:192.0.2.1', Uint8Array.of(1)),
    record('p5 session:a b', Uint8Array.of(2)),
  )
  const findings = [findingOf('f-1', 5), findingOf('f-2', 6)]
  topic.take(stateMessages({ ...nothing, packs: first, findings }, 3, kept))
  const second = pack(2, 1, record('p5 ip:192.0.2.1', undefined), record('p5 session:a b', Uint8Array.of(3)))
  const later = { ...time, watermark: 90, next: 8 }
  topic.take(stateMessages({ packs: second, findings: [], closed: ['f-1'], time: later }, 3, kept))
  expect(topic.entities).toEqual({ 'p5 session:a b': [3] })
  const { findings: open, time: restored } = topic.read()
  expect(open.map(({ id }) => id)).toEqual(['f-2'])
  expect(restored).toEqual(later)
})

it('deletes packs in which nothing counts, also those that it has only read', () => {
  const topic = new Topic()
  let kept = new KeptPacks()
  for (let number = 1; number <= 12; number++) {
    if (number % 5 === 0) kept = topic.read().kept
    const panes = pack(
      number,
      Math.max(1, number - 2),
      record(`p${number} ip:192.0.2.1`, Uint8Array.of(number)),
    )
    // A log of its own, of which all counts.
    const slices = number === 1 ? pack(1, 1, record('s1 ip:192.0.2.1', Uint8Array.of(1))) : []
    topic.take(stateMessages({ ...nothing, packs: [...panes, ...slices] }, 3, kept))
  }
  expect([...topic.values.keys()].sort()).toEqual([
    'pack d 2 pane 10 0',
    'pack d 2 pane 11 0',
    'pack d 2 pane 12 0',
    'pack d 2 slice 1 0',
    'time',
  ])
})

it('sends a long pack in pieces, in their order', () => {
  const [topic, kept] = [new Topic(), new KeptPacks()]
  const records = Array.from({ length: 40 }, (_, at) =>
    record(`p${at} ip:192.0.2.1`, new Uint8Array(40_000).fill(at)),
  )
  const messages = stateMessages({ ...nothing, packs: pack(1, 1, ...records) }, 3, kept)
  expect(messages.length).toBeGreaterThan(8)
  expect(Math.max(...messages.map(({ value }) => value?.length ?? 0))).toBeLessThan(200_000)
  topic.take(messages)
  const read = [...unpack(topic.read().packs)]
  expect(read.map(({ entity }) => entity)).toEqual(records.map(({ entity }) => entity))
  expect(read.every(({ bytes }, at) => bytes?.length === 40_000 && bytes[7] === at)).toBe(true)
  topic.take(
    stateMessages({ ...nothing, packs: pack(2, 2, record('p9 ip:192.0.2.1', Uint8Array.of(1))) }, 3, kept),
  )
  expect([...topic.values.keys()]).toEqual(['time', 'pack d 2 pane 2 0'])
})

it('reads what older versions wrote, a message for each record, and deletes it in the end', () => {
  const topic = new Topic()
  topic.values.set('entity d 2 p5 ip:192.0.2.1', Buffer.of(1))
  topic.values.set('entity d 2 p5 session:a b', Buffer.of(2))
  topic.values.set('entity d 2 s1 ip:192.0.2.1', Buffer.of(3))
  const before = { 'p5 ip:192.0.2.1': [1], 'p5 session:a b': [2], 's1 ip:192.0.2.1': [3] }
  expect(topic.entities).toEqual(before)
  const { kept, packs } = topic.read()
  expect([...packs].map(({ number }) => number)).toEqual([1, 1])
  topic.take(
    stateMessages({ ...nothing, packs: pack(2, 1, record('p5 session:a b', Uint8Array.of(9))) }, 3, kept),
  )
  expect(topic.entities).toEqual({ ...before, 'p5 session:a b': [9] })
  topic.take(
    stateMessages(
      { ...nothing, packs: pack(3, 3, record('p6 session:a b', Uint8Array.of(8))) },
      3,
      topic.read().kept,
    ),
  )
  expect(topic.entities).toEqual({ 's1 ip:192.0.2.1': [3], 'p6 session:a b': [8] })
})

it('deletes many messages of older versions little by little, and takes them for more than one pack', () => {
  const topic = new Topic()
  for (let at = 0; at < 25_000; at++) topic.values.set(`entity d 2 p5 principal:${at}`, Buffer.of(1))
  const { kept, packs } = topic.read()
  expect([...packs].map(({ number }) => number)).toEqual([1, 2, 3])
  for (let number = 4; topic.values.size > 2; number++) {
    const before = topic.values.size
    const packs = pack(number, number, record('p6 principal:0', Uint8Array.of(2)))
    topic.take(stateMessages({ ...nothing, packs }, 3, kept))
    expect(before - topic.values.size).toBeLessThanOrEqual(2000)
    expect(number).toBeLessThan(20)
  }
  expect(topic.entities).toEqual({ 'p6 principal:0': [2] })
})

it('keeps times before the first event, and names the partition in every message', () => {
  const topic = new Topic()
  const messages = stateMessages(nothing, 3, new KeptPacks())
  expect(messages.map(({ partition }) => partition)).toEqual([3])
  topic.take(messages)
  expect(topic.read().time).toEqual(time)
})

it('has packs taken back that are deleted, or written again', () => {
  const packs = new CollectedPacks()
  const records = new StateRecords(packs)
  const key = (number: number, piece = 0) => `pack d 2 pane ${number} ${piece}`
  for (const [number, piece] of [
    [1, 0],
    [2, 0],
    [2, 1],
    [3, 0],
  ] as const)
    expect(records.take(key(number, piece), Buffer.of(number, piece))).toBe(true)
  for (const gone of [key(1), key(2, 1), key(9)]) expect(records.take(gone, null)).toBe(false)
  records.take(key(2), Buffer.of(7))
  expect([...packs].map(({ number, bytes }) => [number, ...bytes])).toEqual([
    [3, 3, 0],
    [2, 7],
  ])
  const { kept } = records.read()
  const log = { detector: 'd', version: 2, part: 'pane' } as const
  expect(kept.forget(log, 9, 9)).toEqual([key(2), key(3)])
})

it('refuses records of an older version behind packs of their log, which they would have to come before', () => {
  const records = new StateRecords(new CollectedPacks())
  records.take('pack d 2 pane 1 0', Buffer.of(1))
  records.take('entity d 2 s5 ip:192.0.2.1', Buffer.of(1))
  expect(() => records.take('entity d 2 p5 ip:192.0.2.1', Buffer.of(1))).toThrow(/another version/)
})

it('refuses what another version wrote', () => {
  for (const key of ['pane x', 'pack d 2 pane 7', 'pack d 2 heap 7 0']) {
    const records = new StateRecords(new CollectedPacks())
    const read = () => {
      records.take(key, Buffer.from('x'))
      records.read()
    }
    expect(read, key).toThrow(/another version/)
  }
})
