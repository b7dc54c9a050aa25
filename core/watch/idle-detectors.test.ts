import { expect, it } from 'vitest'
import type { Event } from '../event/event.ts'
import { FieldSample } from './field-sample.ts'
import { IdleDetectors } from './idle-detectors.ts'

const tokens = { id: 'jti-reuse', vantage: 'edge', reads: ['time', 'token.jti', 'client.ip'] } as const
const fields = ['time', 'token.jti', 'client.ip'] as const

function events(count: number, more: Partial<Event> = {}): { readonly event: Event }[] {
  return Array.from({ length: count }, (_, index) => ({
    event: { time: index, 'client.ip': '203.0.113.1', ...more },
  }))
}

function watched(items: readonly { readonly event: Event }[], held = 0) {
  const sample = new FieldSample(fields)
  sample.add(items)
  const idle = new IdleDetectors([tokens], sample)
  idle.held(7, [['jti-reuse', held]])
  return idle.conditions()
}

it('names the fields that no event has, where the detector holds nothing', () => {
  expect(watched(events(200))).toMatchObject([
    {
      rule: 'idle-detector',
      what: 'detector/jti-reuse',
      since: 7,
      evidence: { detector: 'jti-reuse', events_looked_at: 200, fields_missing: ['token.jti'] },
    },
  ])
})

it('says when no event is of the view that the detector reads', () => {
  expect(watched(events(200, { vantage: 'service' }))).toMatchObject([
    { evidence: { vantage: 'edge', events_of_vantage: 0 } },
  ])
  expect(watched(events(200, { vantage: 'edge' }))).toMatchObject([{ evidence: { events_looked_at: 200 } }])
})

it.each([
  ['too few events', events(199), 0],
  ['entities', events(200), 1],
  ['all fields: there is only nothing to find', events(200, { 'token.jti': 't' }), 0],
  ['a field that came once', [...events(199), ...events(1, { 'token.jti': 't' })], 0],
])('says nothing of a detector with %s', (_what, items, held) => {
  expect(watched(items, held)).toEqual([])
})

it('a detector that held entities once works, also when it has forgotten them', () => {
  const sample = new FieldSample(fields)
  const idle = new IdleDetectors([tokens], sample)
  sample.add(events(500))
  idle.held(0, [['jti-reuse', 3]])
  idle.held(1, [['jti-reuse', 0]])
  expect(idle.conditions()).toEqual([])
})

it('looks at all of the first thousand events and then at one in 64, however they are cut', () => {
  for (const size of [1, 7, 1000, 3000]) {
    const sample = new FieldSample(fields)
    for (let at = 0; at < 21_000; at += size) sample.add(events(Math.min(size, 21_000 - at)))
    expect(sample.offered('any').events).toBe(1000 + Math.ceil(20_000 / 64))
  }
})
