import { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client'
import type {
  AnalyticsBatch,
  AnalyticsStore,
  EventLookup,
  EventRange,
  MeasureBucket,
  PaneQuery,
  RowLookup,
  RowQuery,
  StoreClock,
} from '../../core/ports/analytics-store.ts'
import { bucketsOf, type DistributionRow, measureBucketsSql, paneQueryParameters } from './measure-buckets.ts'
import { migrate } from './migrate.ts'
import { withRetries } from './retry.ts'
import { batchFormat, columnsOf } from './row-encoder.ts'
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
/** Who asks for the time has others waiting. */
const clockTimeoutMs = 5000
/** They stand in the address of the request, which must be short. */
const idsAtOnce = 50
/** Cutting a baseline reads weeks of panes; longer than this, it is stopped at the server too. */
const measureTimeoutS = 110

/** Keeps copies in ClickHouse, over HTTP: a server, or the embedded engine, which look alike from here. */
export class ClickHouseStore implements AnalyticsStore, EventLookup, RowLookup, StoreClock {
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

  async insert({ table, token, bytes }: AnalyticsBatch): Promise<void> {
    // Some columns have the names of keywords.
    const columns = columnsOf(bytes)
      .map((name) => `\`${name}\``)
      .join(', ')
    const query = `INSERT INTO ${this.#database}.${tables[table].name} (${columns}) FORMAT ${batchFormat}`
    await this.#retried(async () => {
      // The client's `insert` takes values and encodes them itself; these are bytes already.
      const { stream } = await this.#client.exec({
        query,
        values: Readable.from([bytes], { objectMode: false }),
        clickhouse_settings: {
          // An asynchronous insert is acknowledged with other senders' rows, whose token is not ours.
          async_insert: 0,
          insert_deduplicate: 1,
          insert_deduplication_token: token,
          // A replay of sparse traffic may span more days than the default hundred.
          max_partitions_per_insert_block: '0',
        },
      })
      // The connection is free again only when the answer was read to its end.
      await finished(stream.resume())
    })
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

  eventOffsets({ ...range }: EventRange): Promise<readonly number[]> {
    return this.#retried(async () => {
      const result = await this.#client.query({
        query: `SELECT toString(offset) AS place FROM ${this.#database}.${tables.events.name}
          WHERE space = {space:String} AND lane = {lane:String} AND source = {source:String}
            AND partition = {partition:String} AND offset BETWEEN {first:UInt64} AND {last:UInt64}`,
        query_params: range,
        format: 'JSONEachRow',
      })
      return (await result.json<{ place: string }>()).map(({ place }) => Number(place))
    })
  }

  async storedIds({ table, space, lane, ids, since }: RowQuery): Promise<readonly string[]> {
    const found: string[] = []
    for (let from = 0; from < ids.length; from += idsAtOnce) {
      const some = ids.slice(from, from + idsAtOnce)
      const query_params = { space, lane, ids: some, since: Math.floor(since / 1000) }
      await this.#retried(async () => {
        const result = await this.#client.query({
          query: `SELECT DISTINCT id FROM ${this.#database}.${tables[table].name} WHERE space = {space:String}
            AND lane = {lane:String} AND id IN {ids:Array(String)} AND stored >= toDateTime({since:UInt32})`,
          query_params,
          format: 'JSONEachRow',
        })
        found.push(...(await result.json<{ id: string }>()).map(({ id }) => id))
      })
    }
    return found
  }

  async now(): Promise<number> {
    const result = await this.#client.query({
      query: 'SELECT toString(toUnixTimestamp64Milli(now64(3))) AS now',
      format: 'JSONEachRow',
      abort_signal: AbortSignal.timeout(clockTimeoutMs),
    })
    return Number((await result.json<{ now: string }>())[0]?.now)
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
