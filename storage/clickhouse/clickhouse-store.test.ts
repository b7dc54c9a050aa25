import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@clickhouse/client'
import { describe, expect, it } from 'vitest'
import {
  type OpenedAnalyticsStore,
  runAnalyticsStoreContract,
} from '../../test/contracts/analytics-store-contract.ts'
import { insertRows } from '../../test/contracts/analytics-store-rows.ts'
import { ClickHouseStore } from './clickhouse-store.ts'
import { startEmbeddedClickHouse } from './embedded/embedded-clickhouse.ts'

const database = `picket_test_${process.pid}`

function openServer(url: string, password: string, user?: string): OpenedAnalyticsStore {
  const store = new ClickHouseStore({ url, password, database, ...(user ? { user } : {}) })
  const client = createClient({ url, password, ...(user ? { username: user } : {}) })
  return {
    store,
    async rows(sql) {
      const query = sql.replaceAll('{db}', database)
      if (!/^\s*SELECT/.test(query)) {
        await client.command({ query })
        return []
      }
      return (await client.query({ query, format: 'JSONEachRow' })).json()
    },
    async close() {
      await client.command({ query: `DROP DATABASE IF EXISTS ${database}` })
      await client.close()
      await store.close()
    },
  }
}

runAnalyticsStoreContract({
  name: 'embedded',
  killable: true,
  async open() {
    const folder = mkdtempSync(join(tmpdir(), 'picket-clickhouse-'))
    const engine = await startEmbeddedClickHouse({ folder })
    const opened = openServer(engine.url, engine.token)
    return {
      ...opened,
      kill() {
        const pid = engine.pid()
        expect(pid).toBeGreaterThan(1)
        process.kill(pid ?? 0, 'SIGKILL')
      },
      async close() {
        await opened.close()
        await engine.stop()
        rmSync(folder, { recursive: true })
      },
    }
  },
})

// A server is configured or it is not; a suite that is registered never skips.
const serverUrl = process.env.CLICKHOUSE_URL
if (serverUrl) {
  const { CLICKHOUSE_USER, CLICKHOUSE_PASSWORD = '' } = process.env
  runAnalyticsStoreContract({
    name: 'server',
    killable: false,
    open: async () => openServer(serverUrl, CLICKHOUSE_PASSWORD, CLICKHOUSE_USER),
  })
} else {
  process.stderr.write('CLICKHOUSE_URL is not set: the analytics contract runs on the embedded engine only\n')
}

describe('what the store says when it cannot', () => {
  it('names a server that does not answer, and no password', async () => {
    const probe = createTcpServer().listen(0, '127.0.0.1')
    await once(probe, 'listening')
    const url = `http://127.0.0.1:${(probe.address() as AddressInfo).port}`
    probe.close()
    const store = new ClickHouseStore({ url, password: 'hunter2', patienceMs: 100 })
    const error = await store.prepare().catch((caught: unknown) => caught)
    expect(error).toMatchObject({ problem: 'unreachable' })
    expect(String(error)).toContain(`ClickHouse at ${url} is unreachable`)
    expect(String(error)).not.toContain('hunter2')
    await store.close()
  })

  it('refuses a server that is too old', async () => {
    const server = createServer((_request, response) => response.end('{"version":"23.8.1.2"}\n'))
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const store = new ClickHouseStore({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
    await expect(store.prepare()).rejects.toThrow(/has version 23\.8\.1\.2, and Picket needs 24\.3 or newer/)
    await store.close()
    server.close()
  })

  it('inserts each batch by itself under its token: never asynchronously, with other senders', async () => {
    const asked: string[] = []
    const server = createServer((request, response) => {
      asked.push(request.url ?? '')
      request.resume().on('end', () => response.end())
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const store = new ClickHouseStore({ url })
    await insertRows(store, 'events', { space: 's', lane: 'live' }, { token: 'of its own', rows: [] })
    const settings = Object.fromEntries(new URL(asked[0] ?? '', url).searchParams)
    expect(settings).toMatchObject({
      async_insert: '0',
      insert_deduplicate: '1',
      insert_deduplication_token: '["s","live","of its own"]',
    })
    await store.close()
    server.close()
  })

  it('tells a server with a full disk from one that refuses', async () => {
    const server = createServer((_request, response) => {
      response.writeHead(500, { 'X-ClickHouse-Exception-Code': '243' })
      response.end('Code: 243. DB::Exception: Cannot reserve 1.00 MiB, not enough space. (NOT_ENOUGH_SPACE)')
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const store = new ClickHouseStore({ url, patienceMs: 0 })
    const error = await insertRows(
      store,
      'events',
      { space: 's', lane: 'live' },
      { token: 't', rows: [] },
    ).catch((caught: unknown) => caught)
    expect(error).toMatchObject({ problem: 'busy' })
    expect(String(error)).toContain('not enough space')
    await store.close()
    server.close()
  })

  it('refuses options that cannot work, without repeating credentials', () => {
    expect(() => new ClickHouseStore({ url: 'clickhouse' })).toThrow(/must look like http/)
    expect(() => new ClickHouseStore({ url: 'http://u:secret@h:1' })).toThrow(/h:1 must not hold user/)
    expect(() => new ClickHouseStore({ url: 'http://h:1', database: 'a; b' })).toThrow(/letters, digits/)
  })
})
