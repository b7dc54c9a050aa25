import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type EmbeddedClickHouse, startEmbeddedClickHouse } from './embedded-clickhouse.ts'

const root = join(import.meta.dirname, '..', '..', '..')
const scratch = mkdtempSync(join(tmpdir(), 'picket-embedded-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 20_000
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`never came true: ${condition}`)
    await sleep(20)
  }
}

describe('embedded ClickHouse', () => {
  const reports: string[] = []
  const folder = join(scratch, 'data')
  let engine: EmbeddedClickHouse
  beforeAll(async () => {
    engine = await startEmbeddedClickHouse({ folder, report: (problem) => reports.push(problem) })
  })
  afterAll(() => engine?.stop())

  const post = (search: Record<string, string>, body: string | Buffer = '', headers = {}) =>
    fetch(`${engine.url}/?${new URLSearchParams(search)}`, {
      method: 'POST',
      body: new Uint8Array(Buffer.from(body)),
      headers: { 'X-ClickHouse-Key': engine.token, ...headers },
    })

  const openClient = () =>
    createClient({ url: engine.url, password: engine.token, log: { level: ClickHouseLogLevel.OFF } })

  it('answers a ping to anyone, and all else only with the token', async () => {
    expect(await (await fetch(`${engine.url}/ping`)).text()).toBe('Ok.\n')
    const wrong = [{ 'X-ClickHouse-Key': '' }, { 'X-ClickHouse-Key': `${engine.token}x` }]
    for (const headers of wrong) {
      const refused = await post({}, 'SELECT 1', headers)
      expect([refused.status, refused.headers.get('x-clickhouse-exception-code')]).toEqual([403, '516'])
      expect(await refused.text()).not.toContain(engine.token)
    }
    expect((await fetch(`${engine.url}/?query=SELECT+1`)).status).toBe(403)
    const basic = `Basic ${Buffer.from(`default:${engine.token}`).toString('base64')}`
    const welcome = await fetch(`${engine.url}/?query=SELECT+1`, { headers: { authorization: basic } })
    expect(await welcome.text()).toBe('1\n')
  })

  it('binds parameters as values, whatever is in them', async () => {
    const client = openClient()
    const text = "it's\t\n\\ \\' 😀 {x:String}"
    const list = ["a'b", 'c\\d\n', "\\'"]
    const result = await client.query({
      query:
        'SELECT {text:String} AS text, {n:Int32} AS n, {list:Array(String)} AS list, {none:Nullable(String)} AS none',
      query_params: { text, n: -5, list, none: null },
      format: 'JSONEachRow',
    })
    expect(await result.json()).toEqual([{ text, n: -5, list, none: null }])
    await client.close()
  })

  it('answers as ClickHouse does when a statement fails', async () => {
    const missing = await post({}, 'SELECT * FROM nowhere')
    expect([missing.status, missing.headers.get('x-clickhouse-exception-code')]).toEqual([404, '60'])
    expect(await missing.text()).toMatch(/^Code: 60\. DB::Exception: .*\(UNKNOWN_TABLE\)/s)
    expect((await post({}, 'SELECT FROM FROM')).status).toBe(400)
    expect((await post({}, '')).status).toBe(400)
    const client = openClient()
    const failed = client.query({ query: 'SELECT * FROM nowhere' })
    await expect(failed).rejects.toMatchObject({ code: '60', type: 'UNKNOWN_TABLE' })
    await client.close()
  })

  it('keeps settings with their statement', async () => {
    const asked = "SELECT value FROM system.settings WHERE name = 'max_block_size'"
    const before = await (await post({}, asked)).text()
    expect(await (await post({ max_block_size: '4321' }, asked)).text()).toBe('4321\n')
    expect(await (await post({}, asked)).text()).toBe(before)
    const slow = await post({ max_execution_time: '1' }, 'SELECT sleep(3)')
    expect(slow.headers.get('x-clickhouse-exception-code')).toBe('159')
  })

  it('takes gzip, reports what was written, and fails a bad chunk whole', async () => {
    await post({}, 'CREATE TABLE IF NOT EXISTS t (k UInt64) ENGINE = MergeTree ORDER BY k')
    const rows = '{"k":1}\n{"k":2}\n'
    const zipped = { 'content-encoding': 'gzip' }
    const insert = { query: 'INSERT INTO t FORMAT JSONEachRow' }
    const written = await post(insert, gzipSync(rows), zipped)
    expect(JSON.parse(written.headers.get('x-clickhouse-summary') ?? '')).toMatchObject({ written_rows: '2' })
    expect((await post(insert, `${rows}{"k":"no"}`)).status).toBe(500)
    expect((await post(insert, 'not gzip', zipped)).status).toBe(500)
    expect(await (await post({}, 'SELECT count() FROM t')).text()).toBe('2\n')
  })

  it('answers a light insert while a heavy read goes on', async () => {
    let heavyDone = false
    const heavy = post({}, 'SELECT sum(sleepEachRow(0.5)) FROM numbers(8) SETTINGS max_block_size = 1').then(
      () => {
        heavyDone = true
      },
    )
    await post({ query: 'INSERT INTO t FORMAT JSONEachRow' }, '{"k":3}\n')
    expect(heavyDone).toBe(false)
    await heavy
  }, 60_000)

  it('says that another process has the folder', async () => {
    const error = await startEmbeddedClickHouse({ folder, lockPatienceMs: 0 }).catch(
      (caught: unknown) => caught,
    )
    expect(error).toMatchObject({ problem: 'locked' })
    expect(String(error)).toContain(`another process has ${folder} open: stop the other process`)
  })

  it('comes back under the same address after kill -9, each time, and reports it', async () => {
    for (let times = 0; times < 2; times++) {
      const pid = engine.pid() ?? 0
      process.kill(pid, 'SIGKILL')
      await until(() => engine.pid() !== undefined && engine.pid() !== pid)
      expect(await (await post({}, 'SELECT 1')).text()).toBe('1\n')
    }
    expect(reports.filter((text) => text.includes('SIGKILL; starting it again'))).toHaveLength(2)
  })

  it('keeps what was written over a stop, and stops while it restarts', async () => {
    const count = await (await post({}, 'SELECT count() FROM t')).text()
    await engine.stop()
    await expect(fetch(`${engine.url}/ping`)).rejects.toThrow()
    engine = await startEmbeddedClickHouse({ folder })
    expect(await (await post({}, 'SELECT count() FROM t')).text()).toBe(count)
    const pid = engine.pid() ?? 0
    process.kill(pid, 'SIGKILL')
    await until(() => engine.pid() === undefined)
    await engine.stop()
    expect(engine.pid()).toBeUndefined()
  })
})

describe('embedded ClickHouse as built JavaScript', () => {
  const program = join(scratch, 'program')
  const folder = join(scratch, 'built-data')
  const children: ChildProcess[] = []
  beforeAll(() => {
    const sources = ['embedded-clickhouse.ts', 'chdb-child.ts'].map((name) => join(import.meta.dirname, name))
    const tsc = join(root, 'node_modules', '.bin', 'tsc')
    const flags = ['--module', 'nodenext', '--target', 'es2023', '--types', 'node', '--skipLibCheck']
    const paths = [
      '--ignoreConfig',
      '--rewriteRelativeImportExtensions',
      '--rootDir',
      root,
      '--outDir',
      program,
    ]
    execFileSync(tsc, [...sources, ...flags, ...paths], { cwd: root })
    writeFileSync(join(program, 'package.json'), '{"type":"module"}')
    const module = pathToFileURL(join(program, 'storage/clickhouse/embedded/embedded-clickhouse.js')).href
    writeFileSync(
      join(program, 'main.js'),
      `import { startEmbeddedClickHouse } from ${JSON.stringify(module)}
      startEmbeddedClickHouse({ folder: ${JSON.stringify(folder)} }).then(
        (engine) => console.log(engine.pid()),
        (error) => { console.log(error.problem + ': ' + error.message); process.exitCode = 3 },
      )`,
    )
  })
  afterAll(() => {
    for (const child of children) child.kill('SIGKILL')
  })

  async function firstLine(): Promise<[ChildProcess, string]> {
    const child = spawn(process.execPath, ['main.js'], { cwd: program, stdio: ['ignore', 'pipe', 'inherit'] })
    children.push(child)
    const [line] = await once(child.stdout, 'data')
    return [child, String(line).trim()]
  }

  it('says that chdb is not installed', async () => {
    const [child, line] = await firstLine()
    expect(line).toMatch(/^missing: chdb is not installed; run `npm install chdb`/)
    if (child.exitCode === null) await once(child, 'exit')
    expect(child.exitCode).toBe(3)
  })

  it('runs as plain node, and never outlives its parent', async () => {
    mkdirSync(join(program, 'node_modules'))
    symlinkSync(join(root, 'node_modules', 'chdb'), join(program, 'node_modules', 'chdb'))
    const [parent, line] = await firstLine()
    const pid = Number(line)
    expect(isAlive(pid)).toBe(true)
    parent.kill('SIGKILL')
    // A successor that starts at once finds the folder locked for a moment, and waits.
    const successor = await startEmbeddedClickHouse({ folder, lockPatienceMs: 20_000 })
    await successor.stop()
    await until(() => !isAlive(pid))
  })
})
