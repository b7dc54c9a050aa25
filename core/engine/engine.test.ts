import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { counter } from '../aggregates/counter.ts'
import { type Detector, defineDetector } from '../detector/detector.ts'
import type { Finding } from '../detector/finding.ts'
import type { Event } from '../event/event.ts'
import { publicHash } from '../hash/keyed-hash.ts'
import { Engine } from './engine.ts'

/** Fires when an address made at least `min` requests in a minute; panes of 15 s. */
const loud = defineDetector({
  id: 'loud',
  version: 1,
  summary: 'Test detector.',
  threats: [],
  config: z.strictObject({ min: z.number().default(3) }),
  vantage: 'edge',
  reads: ['client.ip', 'status'],
  window: () => ({ size: '1m', pane: '15s', memory: { pane: '1m', retention: '5m' } }),
  pane: { seen: counter() },
  memory: { ever: counter() },
  observe(event, emit) {
    const cells = emit('ip', event['client.ip'])
    cells?.seen.add()
    cells?.ever.add()
  },
  proves: (pane, { config }) =>
    pane.seen.value >= config.min
      ? { score: 1, severity: 'high', evidence: { seen: pane.seen.value, ever: 0 } }
      : undefined,
  judge: ({ total, memory }, { config }) =>
    total.seen.value >= config.min
      ? { score: 1, severity: 'high', evidence: { seen: total.seen.value, ever: memory.ever.value } }
      : undefined,
  evidence: z.strictObject({ seen: z.number(), ever: z.number() }),
})

function open(detector: Detector = loud as unknown as Detector, config: unknown = { min: 3 }): Engine {
  return new Engine({
    space: 'default',
    lane: 'replay',
    manifest: 'm1:test',
    detectors: [{ detector, config }],
    hash: publicHash,
  })
}

/** An event `seconds` after the epoch's first hour, from one address. */
function at(seconds: number, more: Partial<Event> = {}): Event {
  return { time: 3_600_000 + seconds * 1000, 'client.ip': '192.0.2.1', ...more }
}

function judged(events: readonly Event[]): readonly Finding[] {
  const engine = open()
  for (const event of events) engine.observe(event)
  engine.advance(Number.POSITIVE_INFINITY)
  return [...engine.drain().findings].sort((left, right) => left.period - right.period)
}

describe('windows', () => {
  //  seconds 0    15   30   45   60   75
  //  panes   |----|----|----|----|----|
  //  events  x     x              x          the window that ends at 75 starts at 15: two events
  it('leaves out a pane that is one window back', () => {
    expect(judged([at(0), at(15), at(60)])).toEqual([])
  })

  //  events       x     x         x          the window [15, 75) holds all three
  it('holds panes on both sides of a period boundary', () => {
    const [finding, ...rest] = judged([at(15), at(30), at(74.999)])
    expect(rest).toEqual([])
    expect(finding).toMatchObject({
      period: 3_660_000,
      first: 3_615_000,
      last: 3_674_999,
      evidence: { seen: 3 },
    })
  })

  it('an event on the closing edge opens the next pane', () => {
    expect(judged([at(0), at(1), at(60)])).toEqual([])
    expect(judged([at(0), at(1), at(59.999)])).toHaveLength(1)
  })
})

describe('findings', () => {
  it('there is one a period, and the next one continues it', () => {
    const [first, second] = judged([at(0), at(1), at(2), at(61), at(62), at(63)])
    expect(second).toMatchObject({ continues: first?.id, root: first?.id })
    expect(first).toMatchObject({ root: first?.id })
    expect(first).not.toHaveProperty('continues')
  })

  it('an entity that pauses for a whole period starts anew', () => {
    const [, second] = judged([at(0), at(1), at(2), at(121), at(122), at(123)])
    expect(second).not.toHaveProperty('continues')
  })

  it('are provisional at the event that proves them, and final when the pane is sealed', () => {
    const engine = open()
    for (const second of [0, 1, 2]) engine.observe(at(second))
    const [provisional] = engine.drain().findings
    expect(provisional?.state).toBe('provisional')
    engine.advance(at(15).time)
    expect(engine.drain().findings).toMatchObject([{ id: provisional?.id, state: 'final' }])
  })
})

describe('time', () => {
  it('an event behind the watermark is late, one on it is not', () => {
    const engine = open()
    engine.advance(at(30).time)
    expect(engine.observe(at(29.999))).toBe(false)
    expect(engine.observe(at(30))).toBe(true)
    expect(engine.drain().late).toBe(1)
  })

  it('the watermark never moves back', () => {
    const engine = open()
    engine.advance(at(30).time)
    engine.advance(at(10).time)
    expect(engine.watermark).toBe(at(30).time)
  })
})

it('memory reaches back behind the window, up to its retention', () => {
  const events = [at(0), at(200), at(201), at(202), at(400), at(401), at(402)]
  const evers = judged(events).map((finding) => finding.evidence.ever)
  expect(evers).toEqual([4, 6])
})

it('what we refused ourselves feeds no detector and is counted for its decision', () => {
  const engine = open()
  for (const second of [0, 1, 2, 3]) engine.observe(at(second, { status: 403, enforced_by: 'd-1' }))
  engine.advance(Number.POSITIVE_INFINITY)
  const { findings, decisionHits } = engine.drain()
  expect(findings).toEqual([])
  expect(decisionHits.get('d-1')).toBe(4)
})

it('reads the declared vantage, and events that do not say', () => {
  const service = [0, 1, 2].map((second) => at(second, { vantage: 'service' }))
  expect(judged(service)).toEqual([])
  expect(judged([at(0), at(1, { vantage: 'edge' }), at(2)])).toHaveLength(1)
})

it('forgets entities that no window can reach', () => {
  const engine = open()
  for (let index = 0; index < 100; index++) engine.observe(at(index, { 'client.ip': `192.0.2.${index}` }))
  engine.advance(at(3600).time)
  expect(engine.entityCounts().get('loud')).toBe(0)
})

it('continues a finding after a restart, also of an entity that it knows nothing else of', () => {
  const brief = {
    ...loud,
    window: () => ({ size: '1m', pane: '15s' }),
    memory: {},
    observe: (event: Event, emit: Parameters<typeof loud.observe>[1]) =>
      emit('ip', event['client.ip'])?.seen.add(),
    judge: ({ total }: { readonly total: { readonly seen: { readonly value: number } } }) =>
      total.seen.value >= 3 ? { score: 1, severity: 'high', evidence: {} } : undefined,
  } as unknown as Detector
  const before = open(brief)
  for (const second of [0, 1, 2]) before.observe(at(second))
  // No window reaches its panes any more; the next period is under way.
  before.advance(at(100).time)
  const [first] = before.drain().findings
  const packs = before.cutState().packs()
  expect(packs).toEqual([])
  const after = open(brief)
  for (const pack of packs) after.restore(pack)
  after.restored(before.watermark, [first as Finding])
  const next = (engine: Engine) => {
    for (const second of [101, 102, 103]) engine.observe(at(second))
    engine.advance(at(200).time)
    return engine.drain().findings
  }
  const continued = next(before)
  expect(continued).toMatchObject([{ continues: first?.id, root: first?.id }])
  expect(next(after)).toEqual(continued)
})

it('turns new entities away beyond the hard bound, and says so', () => {
  const options = {
    space: 'default',
    lane: 'replay',
    manifest: 'm1:test',
    hash: publicHash,
    openMax: 50,
  } as const
  const engine = new Engine({
    ...options,
    detectors: [{ detector: loud as unknown as Detector, config: { min: 3 } }],
  })
  for (let index = 0; index < 200; index++) engine.observe(at(0, { 'client.ip': `192.0.2.${index}` }))
  expect(engine.entityCounts().get('loud')).toBe(50)
  engine.advance(at(60).time)
  const [note] = engine.drain().findings
  expect(note).toMatchObject({
    detector: 'state-pressure',
    severity: 'info',
    evidence: { entities_evicted: 150 },
  })
})

it('goes on with a note of pressure after a restart', () => {
  const detectors = [{ detector: loud as unknown as Detector, config: { min: 3 } }]
  const options = {
    space: 'default',
    lane: 'replay',
    manifest: 'm1:test',
    hash: publicHash,
    openMax: 50,
    detectors,
  } as const
  const flood = (engine: Engine, from: number) => {
    for (let index = 0; index < 200; index++) engine.observe(at(from, { 'client.ip': `192.0.2.${index}` }))
    engine.advance(at(from + 15).time)
    return engine.drain().findings
  }
  const before = new Engine(options)
  const [note] = flood(before, 0)
  const after = new Engine(options)
  for (const pack of before.cutState().packs()) after.restore(pack)
  after.restored(before.watermark, [note as Finding])
  const [more] = flood(after, 20)
  expect(more).toMatchObject({ id: note?.id, first: note?.first })
  expect(more?.evidence.entities_evicted).toBeGreaterThan(note?.evidence.entities_evicted as number)
})
