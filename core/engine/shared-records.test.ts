import { describe, expect, it } from 'vitest'
import { ByteWriter } from '../aggregates/bytes.ts'
import { formatVersion } from './entity-codec.ts'
import type { Instance } from './instance.ts'
import { SharedRecords } from './shared-records.ts'

const instances = ['a', 'b'].map((id) => ({ detector: { id, version: 1 } }) as unknown as Instance)

/** The beginning of a record, and how much there is behind it. */
function record(sealed: number, length = 1): Uint8Array {
  const out = new ByteWriter()
  out.uint(formatVersion)
  out.float(sealed)
  for (let index = 0; index < length; index++) out.uint(0)
  return out.finish()
}

function restored(...records: readonly Uint8Array[]): readonly unknown[] {
  const shared = new SharedRecords(instances)
  for (const bytes of records) shared.add('ip:192.0.2.1', bytes)
  const found: unknown[] = []
  shared.drain((entity, bytes, isWhole) => found.push([entity, records.indexOf(bytes), isWhole]))
  shared.drain(() => found.push('again'))
  return found
}

describe('records of instances that share state', () => {
  it('are one for each instance', () => {
    const bytes = record(1)
    const shared = { detector: 'a', version: 1, entity: 'ip:192.0.2.1', bytes }
    expect(new SharedRecords(instances).copies([shared])).toEqual([shared, { ...shared, detector: 'b' }])
  })

  it('give an entity once, and tell when one instance has none', () => {
    expect(restored(record(7), record(7))).toEqual([['ip:192.0.2.1', 0, true]])
    expect(restored(record(7))).toEqual([['ip:192.0.2.1', 0, false]])
  })

  it('of an instance that was away count less', () => {
    expect(restored(record(3, 9), record(7))).toEqual([['ip:192.0.2.1', 1, true]])
    expect(restored(record(7), record(3, 9))).toEqual([['ip:192.0.2.1', 0, true]])
    expect(restored(record(7), record(7, 2))).toEqual([['ip:192.0.2.1', 1, true]])
    expect(restored(record(Number.NEGATIVE_INFINITY, 9), record(0))).toEqual([['ip:192.0.2.1', 1, true]])
  })
})
