import { expect, it } from 'vitest'
import { z } from 'zod'
import { EntityLogs } from '../../storage/memory/entity-logs.ts'
import { counter } from '../aggregates/counter.ts'
import { type Detector, defineDetector } from '../detector/detector.ts'
import type { Finding } from '../detector/finding.ts'
import type { Event } from '../event/event.ts'
import { publicHash } from '../hash/keyed-hash.ts'
import { Engine } from './engine.ts'

/** Fires when an address made two requests within a minute, or with one more than the retention remembers. */
const twice = defineDetector({
  id: 'twice',
  version: 1,
  summary: 'Test detector.',
  threats: [],
  config: z.strictObject({ breaksAt: z.number().optional() }),
  vantage: 'edge',
  reads: ['client.ip'],
  window: () => ({ size: '1m', pane: '15s', memory: { pane: '1m', retention: '5m' } }),
  pane: { seen: counter() },
  memory: { ever: counter() },
  observe(event, emit) {
    const cells = emit('ip', event['client.ip'])
    cells?.seen.add()
    cells?.ever.add()
  },
  judge: ({ total, memory, end }, { config }) => {
    if (end === config.breaksAt) throw new Error('this window cannot be judged')
    if (total.seen.value < 2) return undefined
    return { score: 1, severity: 'high', evidence: { seen: total.seen.value, ever: memory.ever.value } }
  },
  evidence: z.strictObject({ seen: z.number(), ever: z.number() }),
})

const minute = 60_000
const start = Date.UTC(2026, 0, 5)

function open(config: { breaksAt?: number } = {}): Engine {
  const detectors = [{ detector: twice as unknown as Detector, config }]
  return new Engine({ space: 'default', lane: 'replay', manifest: 'm', detectors, hash: publicHash })
}

/** So many addresses that a seal takes many turns; the odd ones come twice. */
function requests(minutes: number): Event[] {
  return Array.from({ length: 6000 }, (_, index) => ({
    time: start + minutes * minute + index * 9,
    'client.ip': `10.0.${index % 16}.${Math.floor(index / 32)}`,
  }))
}

function textOf(findings: readonly Finding[]): string {
  return JSON.stringify(findings)
}

function finish(engine: Engine): string {
  engine.advance(Number.POSITIVE_INFINITY)
  return textOf(engine.drain().findings)
}

function observe(engine: Engine, events: readonly Event[]): void {
  expect(events.filter((event) => !engine.observe({ ...event }))).toEqual([])
}

const rounds = [0, 1, 2, 4, 9, 10]

function inOneGo(): string {
  const engine = open()
  for (const round of rounds) {
    observe(engine, requests(round))
    engine.advance(start + (round + 0.9) * minute)
  }
  return finish(engine)
}

it('finds the same when events are observed between the parts of a seal', () => {
  const engine = open()
  let turns = 0
  for (const round of rounds) {
    for (const [index, event] of requests(round).entries()) {
      observe(engine, [event])
      if (index % 50 === 0 && engine.sealSome()) turns++
    }
    engine.moveTo(start + (round + 0.9) * minute)
  }
  expect(turns).toBeGreaterThan(30)
  expect(finish(engine)).toBe(inOneGo())
})

it('gives nothing out of a seal that is half done', () => {
  let engine = open()
  const found = new Map<string, Finding>()
  const stored = new EntityLogs()
  for (const round of rounds) {
    observe(engine, requests(round))
    engine.moveTo(start + (round + 0.9) * minute)
    expect(engine.sealSome()).toBe(true)
    for (const finding of engine.drain().findings) found.set(finding.id, finding)
    stored.apply(engine.cutState().packs())
    const { watermark } = engine
    engine = open()
    for (const pack of stored.all()) engine.restore(pack)
    engine.restored(watermark, [...found.values()])
  }
  engine.advance(Number.POSITIVE_INFINITY)
  for (const finding of engine.drain().findings) found.set(finding.id, finding)
  const byId = (findings: readonly Finding[]) =>
    textOf([...findings].sort((left, right) => (left.id < right.id ? -1 : 1)))
  expect(byId([...found.values()])).toBe(byId(JSON.parse(inOneGo())))
})

it('keeps what is forgotten while a commit is under way, for whoever goes on from that commit', () => {
  const stored = new EntityLogs()
  const killed = open()
  observe(killed, requests(0))
  stored.apply(killed.cutState().packs())
  killed.advance(start + 0.9 * minute)
  observe(killed, requests(1))
  const found = new Map(killed.drain().findings.map((finding) => [finding.id, finding]))
  const { watermark } = killed
  const cut = killed.cutState()
  while (cut.some());
  // Everything so far is forgotten before the commit is written, and the process ends behind it.
  killed.advance(start + 60 * minute)
  stored.apply(cut.packs())
  const engine = open()
  for (const pack of stored.all()) engine.restore(pack)
  engine.restored(watermark, [...found.values()])
  const whole = open()
  for (const round of [0, 1]) observe(whole, requests(round))
  engine.advance(Number.POSITIVE_INFINITY)
  for (const finding of engine.drain().findings) found.set(finding.id, finding)
  const byId = (findings: Iterable<Finding>) =>
    textOf([...findings].sort((left, right) => (left.id < right.id ? -1 : 1)))
  expect(byId(found.values())).toBe(byId(JSON.parse(finish(whole))))
})

it('fails for good once a window could not be judged', () => {
  const engine = open({ breaksAt: start + minute })
  observe(engine, requests(0))
  engine.moveTo(start + 2 * minute)
  const seal = () => {
    while (engine.sealSome());
  }
  expect(seal).toThrow('this window cannot be judged')
  expect(seal).toThrow('this window cannot be judged')
  expect(() => engine.drain()).toThrow('this window cannot be judged')
})
