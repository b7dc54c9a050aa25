import { expect, it } from 'vitest'
import type { Facts } from '../../../core/watch/facts.ts'
import { SelfWatch } from './self-watch.ts'

const start = Date.UTC(2026, 2, 2, 9)
const detector = { id: 'jti-reuse', vantage: 'any', reads: ['time', 'token.jti'] } as const
const baseline = { digest: 'b1:0', snapshot: { to: start - 20 * 86_400_000 } }

function watch() {
  return new SelfWatch({
    frame: { space: 'default', lane: 'live', manifest: 'm1:0' },
    detectors: [detector],
    baseline,
    bounds: { lagMsMax: 60_000, forMs: 60_000 },
    restored: [],
  })
}

/** A run as it is after so many seconds: an hour behind, half of its records refused. */
function run(second: number, read: () => void = () => {}) {
  const now = start + second * 1000
  const facts = (): Facts => {
    read()
    const counts = { records: 2000, accepted: 1000, late: 0, refused: 1000 }
    const sources = [{ name: 'gateway', ...counts, isOver: false }]
    return { at: now, watermark: now - 3_600_000, isReading: true, sources }
  }
  return { now, facts, entityCounts: () => [['jti-reuse', 0]] as const }
}

it('tells each condition once, when it stands for long enough', () => {
  const own = watch()
  own.sample(Array.from({ length: 300 }, () => ({ event: { time: start } })))
  const told = Array.from({ length: 121 }, (_, second) =>
    own.look(run(second)).map(({ detector: rule, entity }) => [second, rule, entity.id]),
  )
  expect(told.flat()).toEqual([
    [10, 'refused-share', 'picket/source/gateway'],
    [10, 'idle-detector', 'picket/detector/jti-reuse'],
    [10, 'stale-baseline', 'picket/baseline'],
    [70, 'telemetry-lag', 'picket/telemetry'],
  ])
})

it('reads only when a reading is due', () => {
  const own = watch()
  let reads = 0
  for (let second = 0; second <= 60; second++) own.look(run(second, () => reads++))
  expect(reads).toBe(6)
})
