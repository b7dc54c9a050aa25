import { expect, it } from 'vitest'
import { packsOf, unpack } from '../../../core/engine/entity-pack.ts'
import { findingOf } from '../../../test/contracts/state-store-contract.ts'
import { StateRecords, stateMessages } from './changelog.ts'

const entity = (name: string, bytes: Uint8Array | undefined) => ({
  detector: 'd',
  version: 2,
  entity: name,
  bytes,
})
const time = { watermark: Number.NEGATIVE_INFINITY, sources: '{}', next: 4 }

function take(records: StateRecords, messages: ReturnType<typeof stateMessages>): void {
  for (const { key, value } of messages) records.take(String(key), value ? Buffer.from(value) : null)
}

it('gives the newest of each record back, and none that is gone', () => {
  const records = new StateRecords()
  const first = [entity('ip:192.0.2.1 p5', Uint8Array.of(1)), entity('session:a b p5', Uint8Array.of(2))]
  take(
    records,
    stateMessages(
      { packs: packsOf(first), findings: [findingOf('f-1', 5), findingOf('f-2', 6)], closed: [], time },
      3,
    ),
  )
  const second = [entity('ip:192.0.2.1 p5', undefined), entity('session:a b p5', Uint8Array.of(3))]
  const later = { ...time, watermark: 90, next: 8 }
  take(records, stateMessages({ packs: packsOf(second), findings: [], closed: ['f-1'], time: later }, 3))
  records.take('barrier', Buffer.from('x'))
  const { packs, findings, time: restored } = records.read()
  expect(Array.from(unpack(packs), (one) => ({ ...one, bytes: [...(one.bytes ?? [])] }))).toEqual([
    { detector: 'd', version: 2, entity: 'session:a b p5', bytes: [3] },
  ])
  expect(findings.map(({ id }) => id)).toEqual(['f-2'])
  expect(restored).toEqual(later)
})

it('keeps times before the first event, and names the partition in every message', () => {
  const records = new StateRecords()
  const messages = stateMessages({ packs: [], findings: [], closed: [], time }, 3)
  expect(messages.map(({ partition }) => partition)).toEqual([3])
  take(records, messages)
  expect(records.read().time).toEqual(time)
})

it('refuses what another version wrote', () => {
  const records = new StateRecords()
  records.take('pane x', Buffer.from('x'))
  expect(() => records.read()).toThrow(/another version/)
})
