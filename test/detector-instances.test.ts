import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CellArena } from '../core/aggregates/cell-arena.ts'
import type { ConfiguredDetector, Detector } from '../core/detector/detector.ts'
import type { Finding } from '../core/detector/finding.ts'
import { byLastThenId } from '../core/detector/finding-order.ts'
import { Engine } from '../core/engine/engine.ts'
import type { Event } from '../core/event/event.ts'
import { publicHash } from '../core/hash/keyed-hash.ts'
import { detectors } from '../detectors/detectors.ts'
import { openFormat } from '../ingest/formats/format-options.ts'
import { EntityLogs } from '../storage/memory/entity-logs.ts'
import { findingsText } from './engine/judge-events.ts'
import { decodeLine } from './formats/decode-line.ts'

const decode = openFormat('canonical')

/** Few enough recordings, and of each few enough events, to be judged many times. */
const [recordingsMax, eventsMax] = [8, 600]

/** Beginnings of attacks and look-alikes that were recorded for a detector, by time. */
function recorded(id: string): Event[] {
  const folder = join(import.meta.dirname, '..', 'detectors', id, 'fixtures')
  const names = readdirSync(folder).filter((name) => name.endsWith('.ndjson'))
  const step = Math.ceil(names.length / recordingsMax)
  return names
    .filter((_name, index) => index % step === 0)
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n').slice(0, eventsMax))
    .flatMap((line) => {
      const decoded = decodeLine(decode, line)
      return decoded.outcome === 'event' ? [decoded.event] : []
    })
    .sort((left, right) => left.time - right.time)
}

/** Thresholds that only judging reads, other than the defaults. */
const others: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'credential-stuffing': { address: { accounts_min: 25 }, route: { failures_floor: 60 } },
  'jti-reuse': { uses_min: 4, alternations_min: 5 },
  'sequential-enumeration': { ids_min: 45, ids_min_clean: 120 },
  'webhook-skew': { skewed_ids_min: 9, foreign_ids_min: 6, tolerance: '10m' },
}

function instances(detector: Detector): readonly [ConfiguredDetector, ConfiguredDetector] {
  return [
    { detector, config: detector.config.parse({}) },
    {
      detector: { ...detector, id: `${detector.id}-2` },
      config: detector.config.parse(others[detector.id] ?? {}),
    },
  ]
}

type Stage = readonly ConfiguredDetector[]

/** Runs events through engines with the detectors of one stage after the other, each restored from the one before. */
function findingsOf(events: readonly Event[], stages: readonly Stage[]): readonly Finding[] {
  const findings = new Map<string, Finding>()
  const stored = new EntityLogs()
  let watermark = Number.NEGATIVE_INFINITY
  stages.forEach((stage, nth) => {
    const engine = new Engine({
      space: 'default',
      lane: 'replay',
      manifest: 'm1:test',
      detectors: stage,
      hash: publicHash,
    })
    for (const pack of stored.all()) engine.restore(pack)
    engine.restored(watermark, [...findings.values()])
    const [from, to] = [nth, nth + 1].map((part) => Math.floor((events.length * part) / stages.length))
    events.slice(from, to).forEach((event, index) => {
      engine.observe(event)
      if (index % 64 === 0) engine.advance(event.time - 30_000)
    })
    if (nth === stages.length - 1) engine.advance(Number.POSITIVE_INFINITY)
    for (const finding of engine.drain().findings) findings.set(finding.id, finding)
    stored.apply(engine.cutState().packs())
    watermark = engine.watermark
  })
  return [...findings.values()].sort(byLastThenId)
}

function of(id: string, findings: readonly Finding[]): string {
  return findingsText(findings.filter(({ detector }) => detector === id))
}

/** The config, and the paths of what is read of it. */
function watched<T extends object>(config: T, read: Set<string>, path = ''): T {
  return new Proxy(config, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key)
      const own = `${path}${String(key)}`
      if (value !== null && typeof value === 'object' && !Array.isArray(value))
        return watched(value, read, `${own}.`)
      read.add(own)
      return value
    },
  })
}

describe.each(detectors.map((detector) => [detector.id, detector] as const))(
  'instances of %s',
  (id, detector) => {
    const [first, second] = instances(detector as Detector)
    const events = recorded(id)

    it('find together what each finds alone', () => {
      const together = findingsOf(events, [[first, second]])
      expect(of(id, together)).not.toBe('')
      for (const one of [first, second]) {
        expect(of(one.detector.id, together)).toBe(of(one.detector.id, findingsOf(events, [[one]])))
      }
      expect(of(second.detector.id, together)).not.toBe(of(id, together).replaceAll(id, `${id}-2`))
    })

    it('go on with what they know when another one comes or goes', () => {
      const alone = of(id, findingsOf(events, [[first]]))
      const stages = [[first], [second, first], [second], [first, second], [first]]
      for (const shown of [stages, [[first, second], [first], [second, first], [first]]]) {
        const present = shown.every((stage) => stage.includes(first))
        const found = of(id, findingsOf(events, shown))
        if (present) expect(found).toBe(alone)
        else expect(found).not.toBe('')
      }
      const only = of(second.detector.id, findingsOf(events, [[first, second], [second]]))
      expect(only).toBe(of(second.detector.id, findingsOf(events, [[second]])))
    })

    it('share only what does not depend on settings that they differ in', () => {
      const config = detector.config.parse({}) as object
      const [observed, declared] = [new Set<string>(), new Set<string>()]
      const view = watched(config, observed) as never
      detector.window(view)
      const { cells } = new CellArena({ ...detector.pane, ...detector.memory }, publicHash).view()
      for (const event of events) detector.observe(event, () => cells as never, view)
      detector.observes?.(watched(config, declared) as never)
      // Groups of settings that are handed out whole are read when they are compared.
      const whole = Object.keys(detector.observes?.(config as never) as object)
      const missing = [...observed].filter(
        (path) => !declared.has(path) && !whole.includes(path.split('.')[0] ?? ''),
      )
      expect(missing).toEqual([])
    })
  },
)
