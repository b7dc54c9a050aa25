import type { ChildProcess } from 'node:child_process'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { openStateStore } from '../../storage/sqlite/sqlite-state-store.ts'
import { soundness } from './soundness.ts'

const { children } = vi.hoisted(() => ({ children: [] as ChildProcess[] }))
vi.mock('../../enforcement/gateway-thread/start-script.ts', async (original) => {
  const real = await original<typeof import('../../enforcement/gateway-thread/start-script.ts')>()
  const forkScript: typeof real.forkScript = (...given) => {
    const child = real.forkScript(...given)
    children.push(child)
    return child
  }
  return { ...real, forkScript }
})

const folder = mkdtempSync(join(tmpdir(), 'picket-soundness-'))
/** SQLite waits in the system for whoever opens the other end, as for a disk that does not answer. */
const pipe = join(folder, 'pipe')
beforeAll(() => void execFileSync('mkfifo', [pipe]))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('reads beside a store that is open, and says how to check a file that is too large', async () => {
  const store = await openStateStore(join(folder, 'open'))
  await store.commit({ marks: [{ key: 'k', value: 'v' }] })
  const file = join(folder, 'open', 'state.db')
  expect(await soundness(file, { msMax: 60_000 })).toEqual({
    told: expect.stringMatching(/^its pages hold together, [\d.]+ MB$/),
  })
  expect(await soundness(file, { bytesMax: 1000 })).toEqual({
    told: expect.stringContaining("'PRAGMA quick_check(1)'"),
  })
  await store.commit({ marks: [{ key: 'k', value: 'w' }] })
  await store.close()
})

it('says of what is no state that it is none', async () => {
  const file = join(folder, 'text.db')
  writeFileSync(file, 'certainly not a database. '.repeat(100))
  await expect(soundness(file, { msMax: 60_000 })).rejects.toThrow('is not a SQLite database')
})

it('ends in time with what is not known and what to do, and leaves no process behind', async () => {
  expect(await soundness(pipe, { msMax: 100 })).toEqual({
    told: 'its pages were not all checked: its 0.0 MB were not read in time',
    todo: expect.stringContaining(`sqlite3 -readonly ${pipe} 'PRAGMA quick_check(1)'`),
  })
  const child = children.at(-1)
  if (child?.exitCode === null && child.signalCode === null) await once(child, 'exit')
  expect(child?.signalCode).toBe('SIGKILL')
})

it('tells that the process which reads ended', async () => {
  const looking = soundness(pipe, { msMax: 60_000 })
  children.at(-1)?.kill('SIGTERM')
  expect(await looking).toEqual({
    told: 'its pages were not all checked: the process that reads them ended with SIGTERM',
    todo: expect.any(String),
  })
})
