import { expect, it } from 'vitest'
import type { Condition } from './condition.ts'
import { staleBaseline } from './stale-baseline.ts'
import { WatchNotes } from './watch-notes.ts'

const frame = { space: 'default', lane: 'live', manifest: 'm1:0' } as const
const hour = 3_600_000
const condition: Condition = {
  rule: 'silent-source',
  what: 'source/gateway',
  since: 5 * hour,
  evidence: { source: 'gateway', what_to_do: 'look' },
}
const other: Condition = { ...condition, what: 'source/log' }
const at = (hours: number) => ({ at: hours * hour, watermark: hours * hour - 500 })

it('is one finding for each condition and period, of severity info, in event time', () => {
  const notes = new WatchNotes(frame)
  const [note, ...more] = notes.add(at(6), [condition])
  expect(more).toEqual([])
  expect(note).toMatchObject({
    detector: 'silent-source',
    entity: { kind: 'service', id: 'picket/source/gateway' },
    severity: 'info',
    state: 'final',
    period: 6 * hour,
    last: 6 * hour - 500,
    evidence: { since: '1970-01-01T05:00:00.000Z', seen: '1970-01-01T06:00:00.000Z', what_to_do: 'look' },
  })
  expect(notes.add(at(7), [condition, other]).map(({ entity }) => entity.id)).toEqual(['picket/source/log'])
  expect(notes.add(at(12), [condition])).toHaveLength(1)
})

it('does not tell again after a restart what this period told', () => {
  const told = new WatchNotes(frame).add(at(6), [condition])
  const notes = new WatchNotes(frame)
  notes.restore(told)
  expect(notes.add(at(7), [condition])).toEqual([])
  expect(notes.add(at(7), [other])).toHaveLength(1)
})

it('waits until event time is known', () => {
  const notes = new WatchNotes(frame)
  expect(notes.add({ at: hour, watermark: Number.NEGATIVE_INFINITY }, [condition])).toEqual([])
  expect(notes.add(at(1), [condition])).toHaveLength(1)
})

it('a baseline is stale after two weeks; none is not', () => {
  const day = 24 * hour
  expect(staleBaseline(14 * day, { digest: 'b1:0', to: 0 })).toBeUndefined()
  expect(staleBaseline(14 * day + 1, { digest: 'b1:0', to: 0 })).toMatchObject({
    rule: 'stale-baseline',
    evidence: { age_days: 14, baseline: 'b1:0' },
  })
  expect(staleBaseline(1e12, { digest: 'none', to: 0 })).toBeUndefined()
})
