import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client'
import type {
  AnalyticsBatch,
  AnalyticsStore,
  AnalyticsTable,
  AnalyticsTables,
  MeasureBucket,
  PaneQuery,
} from '../../core/ports/analytics-store.ts'
import { bucketsOf, type DistributionRow, measureBucketsSql, paneQueryParameters } from './measure-buckets.ts'
import { migrate } from './migrate.ts'
import { withRetries } from './retry.ts'
import { tables } from './schema/tables.ts'

export interface ClickHouseStoreOptions {
  /** `http://host:8123` or `https://…`, without user, password or path. */
  readonly url: string
  readonly user?: string
  /** Password of the user, or the token of the embedded engine. */
  readonly password?: string
  /** Letters, digits and underscores. */
  readonly database?: string
  /** For how long a call is repeated while the server can't be reached. */
  readonly patienceMs?: number
}

const requestTimeoutMs = 120_000
/** Cutting a baseline reads weeks of panes; longer than this, it is stopped at the server too. */
const measureTimeoutS = 110

/** Keeps copies in ClickHouse, over HTTP: a server, or the embedded engine, which look alike from here. */
export class ClickHouseStore implements AnalyticsStore {
  readonly #client: ClickHouseClient
  readonly #database: string
  readonly #where: string
  readonly #patienceMs: number

  /** @throws Error for a URL that is none or carries credentials, or a database name that is no identifier */
  constructor({ url, user, password, database = 'picket', patienceMs = 20_000 }: ClickHouseStoreOptions) {
    if (!/^[A-Za-z_]\w{0,63}$/.test(database)) {
      throw new Error(`database ${JSON.stringify(database)}: use letters, digits and underscores, at most 64`)
    }
    this.#where = serverOrigin(url)
    this.#database = database
    this.#patienceMs = patienceMs
    this.#client = createClient({
      url: this.#where,
      ...(user === undefined ? {} : { username: user }),
      ...(password === undefined ? {} : { password }),
      application: 'picket',
      request_timeout: requestTimeoutMs,
      // Failures reach the caller as errors; the client's own log would repeat them with the rows in them.
      log: { level: ClickHouseLogLevel.OFF },
    })
  }

  prepare(): Promise<void> {
    return this.#retried(() => migrate(this.#client, this.#database, this.#where))
  }

  async insert<T extends AnalyticsTable>(
    table: T,
    space: string,
    lane: string,
    batch: AnalyticsBatch<AnalyticsTables[T]>,
  ): Promise<void> {
    if (batch.rows.length === 0) return
    const { name, columns } = tables[table]
    const values = batch.rows.map((row) => columns(space, lane, row))
    await this.#retried(() =>
      this.#client.insert({
        table: `${this.#database}.${name}`,
        format: 'JSONEachRow',
        values,
        clickhouse_settings: {
          // An asynchronous insert is acknowledged with other senders' rows, whose token is not ours.
          async_insert: 0,
          insert_deduplicate: 1,
          insert_deduplication_token: JSON.stringify([space, lane, batch.token]),
          // A replay of sparse traffic may span more days than the default hundred.
          max_partitions_per_insert_block: '0',
          input_format_skip_unknown_fields: 1,
        },
      }),
    )
  }

  measureBuckets(query: PaneQuery): Promise<readonly MeasureBucket[]> {
    return this.#retried(async () => {
      const result = await this.#client.query({
        query: measureBucketsSql(this.#database),
        query_params: paneQueryParameters(query),
        format: 'JSONEachRow',
        clickhouse_settings: { max_execution_time: measureTimeoutS },
      })
      return (await result.json<DistributionRow>()).flatMap(bucketsOf)
    })
  }

  close(): Promise<void> {
    return this.#client.close()
  }

  #retried<R>(call: () => Promise<R>): Promise<R> {
    return withRetries(this.#where, this.#patienceMs, call)
  }
}

/** The URL checked; credentials in it would end up in messages. */
function serverOrigin(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (!parsed || !/^https?:$/.test(parsed.protocol)) {
    throw new Error('the URL of ClickHouse must look like http://host:8123')
  }
  if (parsed.username || parsed.password) {
    throw new Error(
      `the URL of ClickHouse at ${parsed.host} must not hold user or password: give them separately`,
    )
  }
  return parsed.origin
}
