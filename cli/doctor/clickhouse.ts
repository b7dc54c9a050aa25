import { createRequire } from 'node:module'
import { ClickHouseLogLevel, createClient } from '@clickhouse/client'
import type { PicketConfig } from '../../config/picket-config.ts'
import { resolveSecret } from '../../config/secret.ts'
import { olderThan, serverVersionMin } from '../../storage/clickhouse/migrate.ts'
import { isChdbInstalled } from '../runtime/analytics.ts'
import type { ClockSample } from './clock.ts'
import { type Examination, resultsAbout } from './examination.ts'

type ClickHouseConfig = PicketConfig['clickhouse']

const about = 'clickhouse'
const { ok, fail, warn } = resultsAbout(about)
const meanwhile = 'picket run judges, and copies wait meanwhile'

/** Whether copies for analysis have somewhere to go. */
export function clickhouse(config: ClickHouseConfig): Examination {
  return {
    about,
    async examine(signal) {
      if (config.url !== undefined) return [await server(config, signal)]
      if (config.embedded === false) return [ok('switched off: no copies for analysis and no baselines')]
      if (!isChdbInstalled()) {
        const todo = 'run `npm install chdb`, set clickhouse.url, or set clickhouse.embedded to false'
        return [warn('chdb is not installed: no copies for analysis and no baselines', todo)]
      }
      const { version } = createRequire(import.meta.url)('chdb/package.json') as { readonly version: string }
      return [ok(`embedded, chdb ${version}`)]
    },
  }
}

async function server(config: ClickHouseConfig, signal: AbortSignal) {
  try {
    const { version } = await ask(config, signal)
    if (!olderThan(version, serverVersionMin)) return ok(`${config.url} answers, version ${version}`)
    return fail(
      `${config.url} has version ${version}, and Picket needs ${serverVersionMin}`,
      'upgrade the server',
    )
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const todo = 'check clickhouse.url, user and password, and that the server runs'
    return fail(`${config.url} does not answer (${why.slice(0, 200)}); ${meanwhile}`, todo)
  }
}

/** What time the server has; `undefined` without one. Rejects when it does not answer. */
export async function clickhouseTime(
  config: ClickHouseConfig,
  signal: AbortSignal,
): Promise<ClockSample | undefined> {
  if (config.url === undefined) return undefined
  const before = Date.now()
  const { now } = await ask(config, signal)
  return {
    of: `ClickHouse at ${config.url}`,
    offsetMs: Number(now) - (before + Date.now()) / 2,
    withinMs: 50,
  }
}

async function ask(
  { url, user, password }: ClickHouseConfig,
  signal: AbortSignal,
): Promise<{ readonly version: string; readonly now: string }> {
  const client = createClient({
    ...(url === undefined ? {} : { url }),
    username: user,
    ...(password === undefined ? {} : { password: resolveSecret(password) }),
    application: 'picket doctor',
    request_timeout: 5000,
    log: { level: ClickHouseLogLevel.OFF },
  })
  try {
    const query = 'SELECT version() AS version, toString(toUnixTimestamp64Milli(now64(3))) AS now'
    const rows = await client.query({ query, format: 'JSONEachRow', abort_signal: signal })
    const [row] = await rows.json<{ version: string; now: string }>()
    return row ?? { version: '0', now: 'NaN' }
  } finally {
    await client.close()
  }
}
