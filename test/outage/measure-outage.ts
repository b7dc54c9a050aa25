import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { partitionKey } from '../../core/event/position.ts'
import { startEmbeddedClickHouse } from '../../storage/clickhouse/embedded/embedded-clickhouse.ts'
import { openReadOnly } from '../../storage/sqlite/sqlite-state-store.ts'
import { type PicketProcess, startPicket } from '../e2e/picket-process.ts'
import { CutProxy } from './cut-proxy.ts'
import { OutageTraffic } from './outage-traffic.ts'

export interface OutageOptions {
  /** How long ClickHouse is away, milliseconds. */
  readonly awayMs: number
  /** Events a second. */
  readonly rate: number
  readonly report: (text: string) => void
}

/** What a table holds. */
export interface Contents {
  readonly rows: number
  /** Of the rows, whatever their order: equal sums, equal rows. */
  readonly sum: string
}

/** One of two runs side by side, which read the same log. */
export interface RunResult {
  /** When each finding was told first, by id, epoch milliseconds. */
  readonly findings: ReadonlyMap<string, number>
  readonly events: Contents
  readonly panes: Contents
  /** Distinct (source, partition, offset) of the events. */
  readonly positions: number
  readonly findingIds: number
}

export interface OutageResult {
  readonly sent: number
  readonly calm: RunResult
  readonly away: RunResult
  /** Bytes on disk when ClickHouse came back. */
  readonly spillBytes: number
  /** From when ClickHouse came back until everything was there. */
  readonly drainedMs: number
}

const leadMs = 2000
/** Longer than the lateness and a pane of the detectors together: what was sent last is sealed. */
const tailMs = 18_000

/**
 * Runs two `picket run` side by side over one growing log: the ClickHouse of one of them goes away for a while. What comes
 * of noise on the machine comes to both alike.
 */
export async function measureOutage({ awayMs, rate, report }: OutageOptions): Promise<OutageResult> {
  const folder = mkdtempSync(join(tmpdir(), 'picket-outage-'))
  const log = join(folder, 'access.ndjson')
  const engine = await startEmbeddedClickHouse({ folder: join(folder, 'clickhouse') })
  const proxy = new CutProxy(Number(new URL(engine.url).port))
  await proxy.mend()
  const traffic = new OutageTraffic(log, rate)
  const start = (name: string, url: string) => startRun({ folder, name, url, log, token: engine.token })
  const runs: { readonly calm: PicketProcess; readonly away: PicketProcess } = {
    calm: start('calm', engine.url),
    away: start('away', `http://127.0.0.1:${proxy.port}`),
  }
  const stop = new AbortController()
  try {
    for (const run of Object.values(runs)) await until(() => run.output.stderr.includes('"msg":"ready"'))
    const writing = traffic.write(stop.signal)
    await sleep(leadMs)
    await proxy.cut()
    report(`ClickHouse is away for ${Math.round(awayMs / 1000)} s`)
    await sleep(awayMs)
    const spillBytes = spillOf(join(folder, 'away'))
    await proxy.mend()
    const mendedAt = performance.now()
    report(`ClickHouse is back; ${Math.round(spillBytes / 1024)} KB wait on disk`)
    await sleep(tailMs)
    stop.abort()
    await writing
    const databases = ['calm', 'away'] as const
    const client = createClient({
      url: engine.url,
      password: engine.token,
      log: { level: ClickHouseLogLevel.OFF },
    })
    for (const name of databases) await caughtUp(join(folder, name), log)
    await until(
      async () => spillOf(join(folder, 'away')) === 0 && (await rowsOf(client, 'away')) >= traffic.sent,
    )
    const drainedMs = performance.now() - mendedAt
    for (const run of Object.values(runs)) run.child.kill('SIGTERM')
    for (const run of Object.values(runs)) await run.ended
    const resultOf = async (name: (typeof databases)[number]): Promise<RunResult> => ({
      findings: findingsTold(runs[name].output.stderr),
      ...(await contentsOf(client, name)),
    })
    const result = {
      sent: traffic.sent,
      spillBytes,
      drainedMs,
      calm: await resultOf('calm'),
      away: await resultOf('away'),
    }
    await client.close()
    return result
  } finally {
    stop.abort()
    for (const { child } of Object.values(runs)) child.kill('SIGKILL')
    await proxy.cut()
    await engine.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

interface RunPlace {
  readonly folder: string
  readonly name: string
  readonly url: string
  readonly log: string
  readonly token: string
}

function startRun({ folder, name, url, log, token }: RunPlace): PicketProcess {
  mkdirSync(join(folder, name))
  const config = join(folder, name, 'picket.yaml')
  writeFileSync(
    config,
    `
data_dir: ./state
sources: [{ type: file, name: edge, paths: ['${log}'], follow: true, lateness: 1s }]
clickhouse: { url: '${url}', password: env:PICKET_OUTAGE_TOKEN, database: ${name} }
`,
  )
  return startPicket(['run', '--config', config], { PICKET_OUTAGE_TOKEN: token })
}

/** The first line of the log about each finding. */
function findingsTold(log: string): Map<string, number> {
  const told = new Map<string, number>()
  for (const line of log.split('\n')) {
    if (!line.includes('"msg":"finding"')) continue
    const { time, finding, severity } = JSON.parse(line) as Record<string, string>
    if (severity !== 'info' && finding !== undefined && !told.has(finding)) told.set(finding, Number(time))
  }
  return told
}

async function caughtUp(folder: string, log: string): Promise<void> {
  const { size } = statSync(log)
  await until(async () => {
    const state = await openReadOnly(join(folder, 'state'))
    const { positions } = await state.restore()
    await state.close()
    return positions.get(partitionKey('edge', log)) === size
  })
}

type Client = ReturnType<typeof createClient>

async function contentsOf(client: Client, database: string): Promise<Omit<RunResult, 'findings'>> {
  const ask = async (query: string) => {
    const result = await client.query({ query, format: 'JSONEachRow' })
    return ((await result.json()) as Record<string, string>[])[0] ?? {}
  }
  const contents = async (table: string, without: string): Promise<Contents> => {
    const { rows, sum } = await ask(
      `SELECT toString(count()) AS rows, toString(sum(cityHash64(* EXCEPT (${without})))) AS sum FROM ${database}.${table}`,
    )
    return { rows: Number(rows), sum: sum ?? '' }
  }
  const { positions } = await ask(
    `SELECT toString(uniqExact(source, partition, offset)) AS positions FROM ${database}.events`,
  )
  const { ids } = await ask(
    `SELECT toString(uniqExact(id)) AS ids FROM ${database}.findings WHERE severity != 'info'`,
  )
  return {
    events: await contents('events', 'stored'),
    panes: await contents('panes', 'stored'),
    positions: Number(positions),
    findingIds: Number(ids),
  }
}

async function rowsOf(client: Client, database: string): Promise<number> {
  const result = await client.query({
    query: `SELECT toUInt32(count()) AS rows FROM ${database}.events`,
    format: 'JSONEachRow',
  })
  return ((await result.json()) as { rows: number }[])[0]?.rows ?? 0
}

function spillOf(folder: string): number {
  const spill = join(folder, 'state', 'spill')
  return readdirSync(spill)
    .filter((name) => name.endsWith('.spill'))
    .reduce((sum, name) => sum + (statSync(join(spill, name), { throwIfNoEntry: false })?.size ?? 0), 0)
}

const patienceMs = 180_000

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + patienceMs
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`never came true: ${condition}`)
    await sleep(100)
  }
}
