import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { PicketConfig } from '../../config/picket-config.ts'
import { resolveSecret } from '../../config/secret.ts'
import type { AnalyticsStore, StoreClock } from '../../core/ports/analytics-store.ts'
import { ClickHouseStore } from '../../storage/clickhouse/clickhouse-store.ts'
import { startEmbeddedClickHouse } from '../../storage/clickhouse/embedded/embedded-clickhouse.ts'
import { BackgroundAnalytics } from './background-analytics.ts'

export interface Analytics {
  readonly store: AnalyticsStore & StoreClock
  close(): Promise<void>
}

/** The store itself, which is there. */
export interface Connected extends Analytics {
  readonly store: ClickHouseStore
}

type AnalyticsConfig = Pick<PicketConfig, 'clickhouse' | 'data_dir'>

/** False when the configuration does without history: no server, and the embedded engine switched off. */
export function wantsAnalytics({ clickhouse }: Pick<AnalyticsConfig, 'clickhouse'>): boolean {
  return clickhouse.url !== undefined || clickhouse.embedded !== false
}

/**
 * Connects to the configured server, or starts the embedded engine on `<data_dir>/clickhouse`; resolves when the
 * tables are there.
 *
 * @throws AnalyticsError, SecretError
 */
export async function connectAnalytics(
  config: AnalyticsConfig,
  report: (problem: string) => void,
): Promise<Connected> {
  const { url, user, password, database } = config.clickhouse
  if (url !== undefined) {
    const secret = password === undefined ? {} : { password: resolveSecret(password) }
    return prepared(new ClickHouseStore({ url, user, database, ...secret }), async () => {})
  }
  const engine = await startEmbeddedClickHouse({ folder: join(config.data_dir, 'clickhouse'), report })
  const store = new ClickHouseStore({ url: engine.url, password: engine.token, database })
  return prepared(store, () => engine.stop())
}

async function prepared(store: ClickHouseStore, stop: () => Promise<void>): Promise<Connected> {
  async function close(): Promise<void> {
    await store.close()
    await stop()
  }
  try {
    await store.prepare()
    return { store, close }
  } catch (error) {
    await close()
    throw error
  }
}

/**
 * The analytics store of `picket run`. Resolves at once and connects in the background, again and again, because
 * detection waits for no copy; until then calls reject and `prepare` waits. `undefined` where there can be none:
 * switched off, or chdb is not installed, which is reported.
 */
export async function openAnalytics(
  config: AnalyticsConfig,
  report: (problem: string) => void,
  hasEngine: () => boolean = isChdbInstalled,
): Promise<Analytics | undefined> {
  if (!wantsAnalytics(config)) return undefined
  if (config.clickhouse.url === undefined && !hasEngine()) {
    report(
      'chdb is not installed, so there are no copies for analysis and no baselines: run `npm install chdb`, set clickhouse.url, or set clickhouse.embedded to false',
    )
    return undefined
  }
  return new BackgroundAnalytics(() => connectAnalytics(config, report), report)
}

/** Whether the embedded engine can be started. */
export function isChdbInstalled(): boolean {
  try {
    createRequire(import.meta.url).resolve('chdb')
    return true
  } catch {
    return false
  }
}
