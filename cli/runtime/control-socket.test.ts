import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { request as httpRequest } from 'node:http'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { buildBaseline } from '../../core/baseline/build-baseline.ts'
import { DecisionTable } from '../../core/decision/decision-table.ts'
import { Executor } from '../../core/response/executor.ts'
import { createProtectedSet } from '../../core/response/protected-set.ts'
import { responseDefaults } from '../../core/response/responder-state.ts'
import { MemoryStateStore } from '../../storage/memory/memory-state-store.ts'
import { openStateStore } from '../../storage/sqlite/sqlite-state-store.ts'
import { runPicket } from '../testing/run-picket.ts'
import { NoHistory } from './baseline-build.ts'
import { controlRequest, problemOf } from './control-client.ts'
import { controlPath } from './control-path.ts'
import { type ControlSocket, type ControlSocketOptions, startControlSocket } from './control-socket.ts'

let folder: string
let table: DecisionTable
let killed: string | undefined
const opened: ControlSocket[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'picket-control-'))
  table = new DecisionTable()
  killed = undefined
})
afterEach(async () => {
  for (const socket of opened.splice(0)) await socket.close()
  rmSync(folder, { recursive: true })
})

function executor(): Executor {
  return new Executor(
    {
      store: new MemoryStateStore(),
      clock: { now: () => Date.now() },
      killSwitch: { engaged: () => killed },
      traffic: { behind: () => undefined, activeClients: () => undefined },
      decisions: table,
      sleep: async () => {},
      timeout: (ms) => AbortSignal.timeout(ms),
    },
    {
      ...responseDefaults,
      space: 'default',
      lane: 'live',
      playbooks: new Map(),
      actions: new Map(),
      protectedSet: createProtectedSet({}),
    },
  )
}

async function open(options: Partial<ControlSocketOptions> = {}): Promise<ControlSocket> {
  const socket = await startControlSocket({ dataDir: folder, executor: executor(), ...options })
  opened.push(socket)
  return socket
}

const wanted = {
  scope: 'ip',
  value: '203.0.113.9',
  type: 'throttle',
  rate: '5/m',
  ttl: '15m',
  reason: 'scraping',
  by: 'ann',
}
const post = (body: unknown, path = '/decisions') => controlRequest(folder, { method: 'POST', path, body })

describe('the control socket', () => {
  it('changes decisions in the running process', async () => {
    await open()
    const added = await post(wanted)
    expect(added).toMatchObject({
      status: 201,
      body: { value: '203.0.113.9', rate: '5/m', by: 'person:ann' },
    })
    expect(table.list()).toMatchObject([{ scope: 'ip', value: '203.0.113.9' }])
    expect(await controlRequest(folder, { method: 'GET', path: '/status' })).toMatchObject({
      status: 200,
      body: { pid: process.pid, decisions: 1, baseline: false },
    })
    const id = String(Object(added?.body).id)
    const path = `/decisions/${id}?by=ann&exempt_for=1h`
    expect(await controlRequest(folder, { method: 'DELETE', path })).toMatchObject({
      status: 200,
      body: { id },
    })
    expect(table.size).toBe(0)
    expect(await controlRequest(folder, { method: 'DELETE', path })).toMatchObject({ status: 404 })
  })

  it('answers refusals and mistakes as problems', async () => {
    await open()
    const status = async (body: unknown, path?: string) => (await post(body, path))?.status
    const local = await post({ ...wanted, value: '10.0.0.1' })
    expect(local?.status).toBe(409)
    expect(local && problemOf(local)).toMatchObject({
      rule: 'protected',
      detail: expect.stringContaining('10.0.0.1'),
    })
    expect(await status({ ...wanted, value: 'nowhere' })).toBe(422)
    expect(await status({ ...wanted, extra: 1 })).toBe(400)
    expect(await status({ ...wanted, rate: '5/fortnight' })).toBe(400)
    expect(await status(undefined)).toBe(400)
    expect(await status({ ...wanted, reason: 'x'.repeat(70_000) })).toBe(413)
    expect(await status(wanted, '/elsewhere')).toBe(404)
    expect(await controlRequest(folder, { method: 'DELETE', path: '/decisions/%zz?by=a' })).toMatchObject({
      status: 400,
    })
    expect(await controlRequest(folder, { method: 'DELETE', path: '/decisions/d-1' })).toMatchObject({
      status: 400,
    })
    killed = 'a test'
    const stopped = await post(wanted)
    expect(stopped && problemOf(stopped)).toMatchObject({ rule: 'kill_switch' })
    expect(table.size).toBe(0)
  })

  it('says problem+json, and survives a peer that sends rubbish or leaves', async () => {
    const { path } = await open()
    const rubbish = connect(path)
    rubbish.resume().write('\u0000\u0001 nonsense\r\n\r\n')
    await once(rubbish, 'close')
    const left = httpRequest({
      socketPath: path,
      method: 'POST',
      path: '/decisions',
      headers: { 'content-length': 999 },
    })
    left.on('error', () => undefined)
    left.write('{')
    await new Promise((resolve) => setTimeout(resolve, 20))
    left.destroy()
    const asked = httpRequest({ socketPath: path, path: '/nothing' }).end()
    const [response] = await once(asked, 'response')
    expect(response.headers['content-type']).toBe('application/problem+json')
    response.resume()
    expect(await post(wanted)).toMatchObject({ status: 201 })
  })

  it('is for its owner only, and goes with its process', async () => {
    const { path, close } = await open()
    expect(statSync(path).mode & 0o777).toBe(0o600)
    await close()
    opened.length = 0
    expect(existsSync(path)).toBe(false)
    expect(await post(wanted)).toBeUndefined()
  })

  it('replaces what a dead process left, and never a live one', async () => {
    const path = controlPath(folder)
    // Closing removes the name that was listened on: the renamed file stays, with nobody behind it.
    const dead = createServer().listen(join(folder, 'other.sock'))
    await once(dead, 'listening')
    renameSync(join(folder, 'other.sock'), path)
    dead.close()
    await once(dead, 'close')
    expect(existsSync(path)).toBe(true)
    expect(await post(wanted)).toBeUndefined()
    await open()
    expect(await post(wanted)).toMatchObject({ status: 201 })
    await expect(open()).rejects.toThrow(/another process answers/)
    expect(await post(wanted)).toMatchObject({ status: 201 })
  })

  it('does not remove a file that is no socket', async () => {
    writeFileSync(controlPath(folder), 'precious')
    await expect(open()).rejects.toThrow(/not a socket/)
  })

  it('moves to a short folder of its own when the path is too long, and trusts no other', async () => {
    const dataDir = join(folder, 'a'.repeat(120))
    mkdirSync(dataDir)
    const short = dirname(controlPath(dataDir))
    expect(controlPath(dataDir).length).toBeLessThan(100)
    expect(controlPath(`${dataDir}/../${'a'.repeat(120)}`)).toBe(controlPath(dataDir))
    const { close } = await open({ dataDir })
    expect(statSync(short).mode & 0o777).toBe(0o700)
    expect(await controlRequest(dataDir, { method: 'GET', path: '/status' })).toMatchObject({ status: 200 })
    chmodSync(short, 0o777)
    await expect(controlRequest(dataDir, { method: 'GET', path: '/status' })).rejects.toThrow(
      /open to others/,
    )
    await close()
    opened.length = 0
    expect(existsSync(short)).toBe(false)
    mkdirSync(short)
    chmodSync(short, 0o777)
    await expect(open({ dataDir })).rejects.toThrow(/open to others/)
    rmSync(short, { recursive: true })
  })

  it('builds a baseline where the history is open', async () => {
    const body = { lane: 'live', from: '14d', keep: true }
    const { close } = await open()
    expect(await post(body, '/baseline')).toMatchObject({ status: 501 })
    await close()
    opened.length = 0
    const baseline = buildBaseline({ space: 's', lane: 'live', from: 0, to: 1 }, [])
    const asked: unknown[] = []
    const second = await open({
      buildBaseline: async (request) => {
        asked.push(request)
        return baseline
      },
    })
    expect(await post(body, '/baseline')).toMatchObject({ status: 200, body: { digest: baseline.digest } })
    expect(asked).toEqual([{ lane: 'live', spanMs: 14 * 86_400_000, keep: true }])
    expect(await post({ ...body, from: '2 weeks' }, '/baseline')).toMatchObject({ status: 400 })
    await second.close()
    opened.length = 0
    await open({ buildBaseline: () => Promise.reject(new NoHistory('too short')) })
    expect(await post(body, '/baseline')).toMatchObject({ status: 409, body: { detail: 'too short' } })
  })
})

describe('picket decisions beside a running picket run', () => {
  it('goes through the socket, with the refusals of that process', async () => {
    const store = await openStateStore(folder)
    await open()
    const add = (value: string) =>
      runPicket(
        ...['decisions', 'add', '--data-dir', folder, '--scope', 'ip', '--value', value, '--type', 'deny'],
        ...['--ttl', '15m', '--reason', 'r', '--by', 'ann', '--json'],
      )
    const added = await add('203.0.113.9')
    expect(added.code).toBe(0)
    expect(table.size).toBe(1)
    expect(await add('10.0.0.1')).toMatchObject({
      code: 4,
      err: expect.stringContaining('refused (protected)'),
    })
    expect(await add('nowhere')).toMatchObject({ code: 2 })
    const { id } = JSON.parse(added.out)
    const remove = () => runPicket('decisions', 'remove', id, '--data-dir', folder, '--by', 'ann')
    expect((await remove()).code).toBe(0)
    expect(table.size).toBe(0)
    expect((await remove()).code).toBe(4)
    await store.close()
  })
})
