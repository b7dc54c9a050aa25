import { expect, it } from 'vitest'
import { emptyBaseline } from '../../../core/baseline/baseline.ts'
import type { SourceMarker } from '../../../core/cluster/observation.ts'
import type { Finding } from '../../../core/detector/finding.ts'
import { detectors } from '../../../detectors/detectors.ts'
import { ClusterWatch } from './cluster-watch.ts'

const minute = 60_000
const start = Date.parse('2026-03-02T09:00:00Z')

function watchOf(partition: number, restored: readonly Finding[] = []): ClusterWatch {
  const [source] = [{ type: 'kafka', name: 'gateway', lateness: '30s' }]
  return new ClusterWatch({
    config: { space: 'default', sources: [source] } as never,
    detectors: detectors
      .filter(({ id }) => id === 'sequential-enumeration')
      .map((detector) => ({ detector, config: detector.config.parse({}) })),
    baseline: emptyBaseline,
    digest: 'm1:0',
    restored,
    partition,
  })
}

const marker = (more: Partial<SourceMarker> = {}): SourceMarker => ({
  source: 'gateway',
  partition: 'gateway:0',
  siblings: 1,
  position: 0,
  time: start,
  greatest: start,
  latenessMs: 30_000,
  isIdle: false,
  records: 0,
  refused: 0,
  waiting: 0,
  ...more,
})

interface Minute {
  /** Told by each of twelve markers. */
  readonly told?: Partial<SourceMarker>
  readonly events?: number
  readonly late?: number
  readonly lagMs?: number
}

/** What a watch tells in minutes of the same kind, looked at every five seconds. */
function pass(
  watch: ClusterWatch,
  from: number,
  minutes: number,
  { told, events = 0, late = 0, lagMs }: Minute,
) {
  const found: Finding[] = []
  for (let now = from; now < from + minutes * minute; now += 5000) {
    const lag = lagMs ?? 31_000
    if (told) watch.took(marker(told), { events, late })
    const standing = { now, watermark: now - lag, markers: [marker(told)], isReading: true, waiting: 0 }
    found.push(...watch.look(standing))
  }
  return found
}

const rules = (found: readonly Finding[]) => found.map(({ detector, entity }) => `${detector} ${entity.id}`)

it('tells once of a source whose records are refused, and of one that is late, by the counts in markers', () => {
  const watch = watchOf(0)
  expect(pass(watch, start, 20, { told: { records: 100 }, events: 100 })).toEqual([])
  const found = pass(watch, start + 20 * minute, 20, {
    told: { records: 100, refused: 10 },
    events: 100,
    late: 5,
  })
  expect(rules(found).sort()).toEqual([
    'late-share picket/source/gateway',
    'refused-share picket/source/gateway',
  ])
})

it('tells of a source that fell silent', () => {
  const watch = watchOf(0)
  pass(watch, start, 20, { told: { records: 10 } })
  const found = pass(watch, start + 20 * minute, 30, {})
  expect(rules(found)).toEqual(['silent-source picket/source/gateway'])
  expect(found[0]?.evidence.what_to_do).toMatch(/`ingest` process/)
})

it('tells of a detector whose fields no partition of the input has, and not of one that worked elsewhere', () => {
  const events = { vantage: 'edge', events: 5000, fields: ['time', 'route'] }
  const watch = watchOf(0)
  const found = pass(watch, start, 2, { told: { sample: { byVantage: [events], worked: [] } } })
  expect(rules(found)).toEqual(['idle-detector picket/detector/sequential-enumeration'])
  const other = watchOf(0)
  const worked = { byVantage: [], worked: ['sequential-enumeration'] }
  other.took(marker({ partition: 'gateway:1', sample: worked }), { events: 0, late: 0 })
  expect(pass(other, start, 2, { told: { sample: { byVantage: [events], worked: [] } } })).toEqual([])
})

it('tells of lag in every partition of entities under one id, of sources in one of them', () => {
  const trouble = { told: { records: 100, refused: 50 }, lagMs: 20 * minute, events: 100 }
  const [zero, one] = [watchOf(0), watchOf(1)].map((watch) => pass(watch, start, 12, trouble))
  expect(rules(zero ?? []).sort()).toEqual([
    'refused-share picket/source/gateway',
    'telemetry-lag picket/telemetry',
  ])
  expect(rules(one ?? [])).toEqual(['telemetry-lag picket/telemetry'])
  const ids = [zero, one].map((found) => found?.find(({ detector }) => detector === 'telemetry-lag')?.id)
  expect(ids[0]).toBe(ids[1])
})

it('tells nothing again after a partition was taken over', () => {
  const lag = { told: { records: 100 }, lagMs: 20 * minute }
  const found = pass(watchOf(0), start, 12, lag)
  expect(rules(found)).toEqual(['telemetry-lag picket/telemetry'])
  expect(pass(watchOf(0, found), start + 12 * minute, 12, lag)).toEqual([])
})

it('tells of lag that grows while records wait', () => {
  const watch = watchOf(2)
  const found: Finding[] = []
  for (let step = 0; step < 12 * 12; step++) {
    const now = start + step * 5000
    watch.took(marker({ records: 10 }), { events: 10, late: 0 })
    const markers = [marker({ waiting: step * 100 })]
    found.push(
      ...watch.look({ now, watermark: now - 60_000 - step * 2500, markers, isReading: true, waiting: 0 }),
    )
  }
  expect(rules(found)).toContain('falling-behind picket/judging')
  expect(found.find(({ detector }) => detector === 'falling-behind')?.evidence.what_to_do).toMatch(
    /another process/,
  )
})
