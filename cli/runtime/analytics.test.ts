import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { picketConfigSchema } from '../../config/picket-config.ts'
import type { AnalyticsStore, StoreClock } from '../../core/ports/analytics-store.ts'
import { AnalyticsError } from '../../storage/clickhouse/analytics-error.ts'
import { insertRows } from '../../test/contracts/analytics-store-rows.ts'
import { finding } from '../testing/state-records.ts'
import { openAnalytics } from './analytics.ts'
import { BackgroundAnalytics } from './background-analytics.ts'

const place = { space: 'default', lane: 'live' }
const batch = { token: 't', rows: [finding()] }

describe('openAnalytics', () => {
  it('is nothing when switched off, and one sentence when chdb is missing', async () => {
    const reports: string[] = []
    const report = (text: string) => reports.push(text)
    const off = picketConfigSchema.parse({ clickhouse: { embedded: false } })
    expect(await openAnalytics(off, report)).toBeUndefined()
    expect(reports).toEqual([])
    expect(await openAnalytics(picketConfigSchema.parse({}), report, () => false)).toBeUndefined()
    expect(reports).toEqual([expect.stringMatching(/^chdb is not installed.*npm install chdb/)])
  })

  it('does not wait for a server that is away, and says so once', async () => {
    const reports: string[] = []
    const config = picketConfigSchema.parse({
      clickhouse: { url: 'http://127.0.0.1:9', password: 'env:PICKET_TEST_NOT_SET' },
    })
    const analytics = await openAnalytics(config, (text) => reports.push(text))
    if (!analytics) throw new Error('not opened')
    await expect(insertRows(analytics.store, 'findings', place, batch)).rejects.toMatchObject({
      problem: 'unreachable',
    })
    await sleep(20)
    expect(reports).toEqual([expect.stringContaining('PICKET_TEST_NOT_SET')])
    await analytics?.close()
    await expect(analytics?.store.prepare()).rejects.toThrow(/closed/)
  })

  it('runs the embedded engine in the data folder', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'picket-analytics-'))
    const config = { ...picketConfigSchema.parse({}), data_dir: folder }
    const analytics = await openAnalytics(config, () => undefined)
    try {
      await analytics?.store.prepare()
      if (!analytics) throw new Error('not opened')
      await insertRows(analytics.store, 'findings', place, batch)
      const query = { space: 'default', lane: 'live', from: 0, to: 1 }
      expect(await analytics?.store.measureBuckets(query)).toEqual([])
    } finally {
      await analytics?.close()
      rmSync(folder, { recursive: true })
    }
  })
})

describe('BackgroundAnalytics', () => {
  const store: AnalyticsStore & StoreClock = {
    prepare: async () => {},
    insert: async () => {},
    measureBuckets: async () => [],
    now: async () => 0,
    close: async () => {},
  }

  it('connects again until it succeeds, and tells both', async () => {
    const reports: string[] = []
    let tries = 0
    let closed = 0
    const analytics = new BackgroundAnalytics(
      async () => {
        if (++tries === 1) throw new AnalyticsError('locked', 'another process has it open')
        return { store, close: async () => void closed++ }
      },
      (text) => reports.push(text),
    )
    await analytics.store.prepare()
    await insertRows(analytics.store, 'findings', place, batch)
    expect(tries).toBe(2)
    expect(reports).toEqual([
      'no copies for analysis yet: another process has it open',
      'the analytics store is there now',
    ])
    await analytics.close()
    expect(closed).toBe(1)
  })

  it('gives up on what can never be there', async () => {
    let tries = 0
    const analytics = new BackgroundAnalytics(
      async () => {
        tries++
        throw new AnalyticsError('missing', 'chdb is not installed')
      },
      () => undefined,
    )
    await expect(analytics.store.prepare()).rejects.toMatchObject({ problem: 'missing' })
    expect(tries).toBe(1)
    await analytics.close()
  })
})
