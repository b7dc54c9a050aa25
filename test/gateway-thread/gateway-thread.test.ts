import { once } from 'node:events'
import { createServer } from 'node:net'
import { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, it } from 'vitest'
import type { Decision } from '../../core/decision/decision.ts'
import type { ExtAuthz } from '../../enforcement/envoy/ext-authz-server.ts'
import { startGatewayThread } from '../../enforcement/gateway-thread/gateway-thread.ts'
import type { AnswerErrors } from '../../enforcement/gateway-thread/thread-messages.ts'
import { ReplicatedTable } from '../../enforcement/replicated-table.ts'
import type { AskingData } from './asking-thread.ts'
import { askAuthz, connectAuthz } from './authz-client.ts'

const attacker = '203.0.113.7'
const hourMs = 3_600_000
const deny: Decision = {
  id: 'd-1',
  scope: 'ip',
  value: attacker,
  type: 'deny',
  from: 0,
  until: 4e12,
  reason: 'test',
  by: 'person:ada',
}
const throttle: Decision = { ...deny, id: 't-1', type: 'throttle', rate: { count: 1, perMs: hourMs } }

let table: ReplicatedTable
let thread: ExtAuthz | undefined
let errors: AnswerErrors[]
/** What was told, in order: why it is down, or `back`. */
let told: string[]
let onTold: () => void

async function start(decisions: readonly Decision[] = [], settings = ''): Promise<number> {
  table = new ReplicatedTable()
  for (const decision of decisions) table.apply(decision)
  errors = []
  told = []
  onTold = () => {}
  const tell = (what: string) => {
    told.push(what)
    onTold()
  }
  thread = await startGatewayThread({
    host: '127.0.0.1',
    port: 0,
    script: new URL('./fragile-worker.ts', import.meta.url),
    settings,
    table,
    onErrors: (some) => errors.push(some),
    onDown: tell,
    onBack: () => tell('back'),
  })
  return thread.port
}

function isTold(what: RegExp | string): Promise<void> {
  return expect.poll(() => told, { timeout: 20_000 }).toContainEqual(expect.stringMatching(what))
}

/** The thread dies of it, so that it may come without an answer. */
async function crash(port: number): Promise<void> {
  await askAuthz(port, { path: '/crash?secret' }).catch(() => {})
}

afterEach(async () => {
  await thread?.close()
  thread = undefined
})

describe('the thread that answers gateways', () => {
  it('answers by the decisions there were and by each change, as soon as it is made', async () => {
    const port = await start([deny])
    const client = connectAuthz(port)
    const ask = (address = attacker) => client.ask({ address })
    expect([await ask(), await ask('203.0.113.8')]).toEqual([403, 200])
    table.remove('d-1')
    expect(await ask()).toBe(200)
    for (let round = 0; round < 50; round++) {
      table.apply({ ...deny, until: deny.until + round })
      expect(await ask()).toBe(403)
      table.remove('d-1')
      expect(await ask()).toBe(200)
    }
    expect(thread?.counts()).toEqual({ allow: 52, deny: 51, revoke: 0, throttle: 0, error: 0 })
    client.close()
  })

  it('keeps the tokens of a throttle that is applied again at the same rate', async () => {
    const port = await start([throttle])
    expect(await askAuthz(port, { address: attacker })).toBe(200)
    expect(await askAuthz(port, { address: attacker })).toBe(429)
    table.apply({ ...throttle, until: throttle.until + 1 })
    expect(await askAuthz(port, { address: attacker })).toBe(429)
    table.apply({ ...throttle, rate: { count: 2, perMs: hourMs } })
    expect(await askAuthz(port, { address: attacker })).toBe(200)
  })

  it('answers while the thread that decides is blocked, by what was decided last', async () => {
    const port = await start()
    const memory = new SharedArrayBuffer(8)
    const asking = new Worker(new URL('../../enforcement/gateway-thread/from-source.mjs', import.meta.url), {
      argv: [new URL('./asking-thread.ts', import.meta.url).href],
      execArgv: [],
      workerData: { port, address: attacker, memory } satisfies AskingData,
    })
    const ended = once(asking, 'exit')
    expect(await once(asking, 'message')).toEqual(['ready'])
    const shared = new Int32Array(memory)
    table.apply(deny)
    Atomics.store(shared, 0, 1)
    Atomics.notify(shared, 0)
    // From here to the answer nothing else can happen in this thread.
    const woken = Atomics.wait(shared, 1, 0, 20_000)
    expect(woken).not.toBe('timed-out')
    expect(shared[1]).toBe(403)
    await ended
  })

  it('is started again with the whole table when it dies, and says where but not of which request', async () => {
    const port = await start([deny])
    expect(await askAuthz(port, { address: attacker })).toBe(403)
    onTold = () => {
      onTold = () => {}
      table.remove('d-1')
      table.apply({ ...deny, id: 'd-2', value: '203.0.113.8' })
    }
    await crash(port)
    await isTold('back')
    expect(told).toEqual([expect.stringMatching(/^TypeError at .*fragile-worker\.ts:\d+/), 'back'])
    expect(await askAuthz(port, { address: attacker })).toBe(200)
    expect(await askAuthz(port, { address: '203.0.113.8' })).toBe(403)
    table.apply(deny)
    expect(await askAuthz(port, { address: attacker })).toBe(403)
    expect(thread?.counts().deny).toBe(3)
    expect(told.join()).not.toContain('secret')
  })

  it('tries until it gets its port back', async () => {
    const port = await start([deny])
    const intruder = createServer()
    onTold = () => {
      onTold = () => {}
      intruder.listen(port, '127.0.0.1')
    }
    await crash(port)
    await isTold(`can't listen on 127.0.0.1:${port}`)
    expect(told).not.toContain('back')
    intruder.close()
    await isTold('back')
    expect(await askAuthz(port, { address: attacker })).toBe(403)
  })

  it('tells how many answers were errors, and where, but not of which request', async () => {
    const port = await start()
    for (let n = 0; n < 3; n++) {
      await expect(askAuthz(port, { path: '/error?secret' })).rejects.toMatchObject({ code: 13 })
    }
    await expect.poll(() => errors.reduce((sum, { count }) => sum + count, 0), { timeout: 20_000 }).toBe(3)
    expect(errors[0]?.place).toMatch(/^Error at .*routeOf .*fragile-worker\.ts:\d+/)
    expect(JSON.stringify(errors)).not.toContain('secret')
    expect(thread?.counts()).toMatchObject({ allow: 0, error: 3 })
    expect(await askAuthz(port, {})).toBe(200)
  }, 60_000)

  it('says why it does not start', async () => {
    await expect(start([], 'no start')).rejects.toThrow('did not start: the settings are wrong')
  })

  it.each(['answering', 'dead'])('gives its port back when closed while %s', async (state) => {
    const port = await start()
    // Stays connected, as Envoy does.
    const client = connectAuthz(port)
    await client.ask({})
    if (state === 'dead') {
      let closed: Promise<void> | undefined
      onTold = () => {
        closed ??= thread?.close()
      }
      await crash(port)
      await isTold(/^TypeError/)
      await closed
    }
    await thread?.close()
    table.apply(deny)
    const next = createServer()
    await once(next.listen(port, '127.0.0.1'), 'listening')
    next.close()
    client.close()
    expect(told).not.toContain('back')
  })
})
