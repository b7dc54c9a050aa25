import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, expect, it } from 'vitest'
import { unpack } from '../../core/engine/entity-pack.ts'
import type { ReadOnlyStateStore } from './sqlite-state-reader.ts'
import { openReadOnly, openStateStore } from './sqlite-state-store.ts'

const entityCount = 20
const folder = mkdtempSync(join(tmpdir(), 'picket-crash-'))
const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})
afterAll(() => rmSync(folder, { recursive: true }))

/** A process that commits batches; `acknowledged` is the last whole line that it printed, -1 before the first. */
function startWriter(dataFolder: string) {
  const script = join(import.meta.dirname, 'crash-writer.mjs')
  const child = spawn(process.execPath, ['--import', 'tsx', script, dataFolder, String(entityCount)], {
    cwd: join(import.meta.dirname, '..', '..'),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  let [printed, errors] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  const acknowledged = () => Number(printed.split('\n').at(-2) ?? -1)
  return {
    child,
    acknowledged,
    async firstAcknowledgement() {
      while (acknowledged() < 0) {
        if (child.exitCode !== null) throw new Error(`the writer ended: ${errors}`)
        await sleep(2)
      }
    },
    async kill() {
      const closed = once(child, 'close')
      child.kill('SIGKILL')
      await closed
      expect([child.signalCode, errors]).toEqual(['SIGKILL', ''])
    },
  }
}

/** The newest batch in the state, after checking that it and all before it are whole; -1 for none. */
async function wholeBatches(store: ReadOnlyStateStore): Promise<number> {
  const { positions, marks, openIntents } = await store.restore()
  const batch = (positions.get('p') ?? 0) - 1
  const upTo = Array.from({ length: batch + 1 }, (_, number) => number)
  expect(marks.get('batch') ?? '-1').toBe(String(batch))
  expect((await store.findings()).map(({ id }) => id)).toEqual(upTo.map((number) => `f-${number}`))
  expect((await store.controlLog()).map(({ at }) => at)).toEqual(upTo)
  expect((await store.journal('r')).map(({ key }) => key)).toEqual(
    upTo.flatMap((number) => [`k-${number}`, `k-${number}`]),
  )
  expect(openIntents).toEqual([])
  let entities = 0
  for await (const pack of store.packs()) {
    for (const { bytes } of unpack([pack])) {
      entities += 1
      expect(bytes?.length).toBe(200 + ((batch * 997) % 4000))
      expect(bytes?.every((byte) => byte === batch % 256)).toBe(true)
    }
  }
  expect(entities).toBe(batch < 0 ? 0 : entityCount)
  return batch
}

it('has every acknowledged batch whole, and no part of another, after kill -9 at random moments', async () => {
  let total = 0
  for (let round = 0; round < 12; round += 1) {
    const writer = startWriter(folder)
    await writer.firstAcknowledgement()
    const delayMs = Math.random() * 150
    await sleep(delayMs)
    await writer.kill()
    const acknowledged = writer.acknowledged()
    // Read first as the CLI would, from the log that the dead process left.
    const reader = await openReadOnly(folder)
    const batch = await wholeBatches(reader)
    await reader.close()
    expect(batch, `round ${round}, killed after ${delayMs} ms`).toBeGreaterThanOrEqual(acknowledged)
    expect(batch, `round ${round}, killed after ${delayMs} ms`).toBeLessThanOrEqual(acknowledged + 1)
    const store = await openStateStore(folder)
    expect(await wholeBatches(store)).toBe(batch)
    expect(store.term).toBe(2 * (round + 1))
    await store.close()
    total = batch + 1
  }
  // One in each round at least: how many follow it before the kill is up to the machine.
  expect(total).toBeGreaterThanOrEqual(12)
}, 120_000)

it('can always be opened after kill -9 while it was being made', async () => {
  for (let round = 0; round < 6; round += 1) {
    const fresh = join(folder, `fresh-${round}`)
    const writer = startWriter(fresh)
    while (!existsSync(join(fresh, 'state.lock'))) await sleep(1)
    await sleep(round * 3)
    await writer.kill()
    const store = await openStateStore(fresh)
    expect(await wholeBatches(store)).toBeGreaterThanOrEqual(writer.acknowledged())
    await store.close()
  }
}, 60_000)

it('lets one process act, another read whole batches meanwhile, and a third take over after kill -9', async () => {
  const shared = join(folder, 'shared')
  const writer = startWriter(shared)
  await writer.firstAcknowledgement()
  await expect(openStateStore(shared)).rejects.toMatchObject({
    code: 'in_use',
    message: expect.stringContaining(`is in use by process ${writer.child.pid} `),
  })
  const reader = await openReadOnly(shared)
  let last = -1
  // Until it has seen the other commit, however slow that is.
  for (let reads = 0; reads < 20 || last < 1; reads += 1) {
    const { positions, marks } = await reader.restore()
    const batch = Number(marks.get('batch'))
    expect(positions.get('p')).toBe(batch + 1)
    expect(batch).toBeGreaterThanOrEqual(last)
    last = batch
    await sleep(5)
  }
  await reader.close()
  expect(last).toBeGreaterThan(0)
  await writer.kill()
  const store = await openStateStore(shared)
  expect(store.term).toBe(2)
  await store.close()
}, 60_000)
