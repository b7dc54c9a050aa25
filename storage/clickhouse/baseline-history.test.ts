import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Baseline } from '../../core/baseline/baseline.ts'
import { parseBaseline, serializeBaseline } from '../../core/baseline/baseline-codec.ts'
import { buildBaseline } from '../../core/baseline/build-baseline.ts'
import { hourMs, hourOfWeek } from '../../core/baseline/hour-of-week.ts'
import type { SealedPane } from '../../core/engine/sealed-pane.ts'
import { insertRows } from '../../test/contracts/analytics-store-rows.ts'
import { ClickHouseStore } from './clickhouse-store.ts'
import { type EmbeddedClickHouse, startEmbeddedClickHouse } from './embedded/embedded-clickhouse.ts'

const paneMs = 60_000
/** Mondays, 00:00 UTC. */
const from = Date.UTC(2026, 0, 5)
const to = Date.UTC(2026, 0, 19)
const query = { space: 'default', lane: 'live', from, to }

/** A small generator with a seed (mulberry32), uniform in [0, 1). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Failed log-ins a minute at an instant: busy at nine on weekdays, a tenth of it at night and on Sunday. */
function usual(at: number): number {
  const hour = hourOfWeek(at)
  const weekday = hour < 5 * 24 ? 1 : 0.3
  return 4 + 56 * weekday * Math.max(0, 1 - Math.abs((hour % 24) - 9) / 8)
}

/** Two weeks of one-minute panes of two log-in routes. */
function history(): SealedPane[] {
  const random = seeded(7)
  const panes: SealedPane[] = []
  for (let start = from; start < to; start += paneMs) {
    for (const [id, scale] of [
      ['/login', 1],
      ['/v2/login', 0.5],
    ] as const) {
      const noise = 0.75 + 0.5 * random()
      const failures = Math.round(scale * usual(start) * noise)
      const measures = { failures, failure_ratio: 0.1 + 0.05 * random() }
      panes.push({
        detector: 'cs',
        version: 1,
        entity: { kind: 'route', id },
        start,
        paneMs,
        measures,
        flagged: false,
      })
    }
  }
  return panes
}

/** Forty minutes of stuffing on the second Monday at nine, as the detector saw it. */
function attack(flagged: boolean): SealedPane[] {
  return Array.from({ length: 40 }, (_, minute) => ({
    detector: 'cs',
    version: 1,
    entity: { kind: 'route', id: '/login' } as const,
    start: from + 7 * 24 * hourMs + 9 * hourMs + minute * paneMs,
    paneMs,
    measures: { failures: 5_000, failure_ratio: 0.99 },
    flagged,
  }))
}

describe('a baseline of two weeks through ClickHouse', () => {
  const folder = mkdtempSync(join(tmpdir(), 'picket-baseline-'))
  const stores: ClickHouseStore[] = []
  let engine: EmbeddedClickHouse
  beforeAll(async () => {
    engine = await startEmbeddedClickHouse({ folder })
  })
  afterAll(async () => {
    for (const store of stores) await store.close()
    await engine?.stop()
    rmSync(folder, { recursive: true })
  })

  async function cut(panes: readonly SealedPane[], batchSize: number): Promise<Baseline> {
    const database = `history_${stores.length}`
    const store = new ClickHouseStore({ url: engine.url, password: engine.token, database })
    stores.push(store)
    await store.prepare()
    for (let start = 0; start < panes.length; start += batchSize) {
      const rows = panes.slice(start, start + batchSize)
      await insertRows(store, 'panes', query, { token: `${start}`, rows })
    }
    return buildBaseline(query, await store.measureBuckets(query))
  }

  const asked = { detector: 'cs', version: 1, measure: 'failures', floor: 10, k: 4 }
  const route = (id: string) => ({ kind: 'route', id }) as const
  const [monday9, sunday3] = [to + 9 * hourMs, to + (6 * 24 + 3) * hourMs]

  it('knows the hour of the week, the entity and its group', async () => {
    const baseline = await cut(history(), 5_000)
    const busy = baseline.threshold({ ...asked, entity: route('/login'), at: monday9 })
    const quiet = baseline.threshold({ ...asked, entity: route('/login'), at: sunday3 })
    expect([busy.source, quiet.source, busy.samples]).toEqual(['entity', 'entity', 120])
    expect(busy.centre).toBeGreaterThan(53)
    expect(busy.centre).toBeLessThan(65)
    expect(busy.value).toBeGreaterThan(80)
    expect(quiet.centre).toBeLessThan(10)
    expect(busy.value).toBeGreaterThan(3 * quiet.value)
    const half = baseline.threshold({ ...asked, entity: route('/v2/login'), at: monday9 })
    expect((half.centre ?? 0) / (busy.centre ?? 1)).toBeCloseTo(0.5, 1)
    const unseen = { ...asked, entity: route('/v9/login'), at: monday9 }
    expect(baseline.threshold({ ...unseen, group: 'route' })).toMatchObject({ source: 'group', samples: 240 })
    expect(baseline.threshold(unseen)).toEqual({ value: 10, source: 'floor' })
    const ratio = baseline.threshold({
      ...asked,
      measure: 'failure_ratio',
      floor: 0,
      entity: route('/login'),
      at: monday9,
    })
    expect(ratio.centre).toBeCloseTo(0.125, 2)
  })

  it('is the same bytes when the panes come in another order and other batches', async () => {
    const shuffled = history()
    const random = seeded(11)
    for (let index = shuffled.length - 1; index > 0; index--) {
      const other = Math.floor(random() * (index + 1))
      const [left, right] = [shuffled[index], shuffled[other]]
      if (left && right) [shuffled[index], shuffled[other]] = [right, left]
    }
    const [first, second] = [await cut(history(), 5_000), await cut(shuffled, 7_777)]
    expect(serializeBaseline(second)).toBe(serializeBaseline(first))
    expect(serializeBaseline(parseBaseline(serializeBaseline(first), 'text'))).toBe(serializeBaseline(first))
  })

  it('leaves flagged windows out, which would have raised it', async () => {
    const without = history().filter(
      ({ entity, start }) => entity.id !== '/login' || !attack(true).some((pane) => pane.start === start),
    )
    const [clean, flagged, unflagged] = [
      await cut(without, 10_000),
      await cut([...without, ...attack(true)], 10_000),
      await cut([...without, ...attack(false)], 10_000),
    ]
    expect(serializeBaseline(flagged)).toBe(serializeBaseline(clean))
    const at = { ...asked, entity: route('/login'), at: monday9 }
    expect(unflagged.threshold(at).value).toBeGreaterThan(clean.threshold(at).value * 1.1)
  })
})
