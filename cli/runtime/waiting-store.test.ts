import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterAll, beforeEach, expect, it, vi } from 'vitest'
import { type FullDisk, openOnFullDisk } from '../testing/full-disk.ts'
import { WaitingStore } from './waiting-store.ts'

const root = mkdtempSync(join(tmpdir(), 'picket-full-'))
afterAll(() => rmSync(root, { recursive: true }))

const large = { marks: [{ key: 'large', value: 'x'.repeat(100_000) }], positions: new Map([['p', 7]]) }

let disk: FullDisk
let said: string[]
let slept: number[]
let stop: AbortController

beforeEach(async () => {
  disk = await openOnFullDisk(mkdtempSync(join(root, 'state-')))
  said = []
  slept = []
  stop = new AbortController()
  return () => disk.store.close()
})

function waiting(sleep: (ms: number) => Promise<void>): WaitingStore {
  const log = {
    error: (text: string) => void said.push(`error ${text}`),
    info: (text: string) => void said.push(`info ${text}`),
  }
  return new WaitingStore(disk.store, {
    log,
    signal: stop.signal,
    sleep: (ms) => {
      slept.push(ms)
      return sleep(ms)
    },
  })
}

it('tries the same commit again, further and further apart, until there is room; says both once', async () => {
  const store = waiting(async () => {
    await setImmediate()
    if (slept.length === 7) disk.free()
  })
  const commit = vi.spyOn(disk.store, 'commit')
  await store.commit(large)
  expect(slept).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000])
  expect(new Set(commit.mock.calls.map(([changes]) => changes))).toEqual(new Set([large]))
  const { positions, marks } = await store.restore()
  expect([positions, marks.get('large')?.length]).toEqual([new Map([['p', 7]]), 100_000])
  expect(said).toEqual([
    expect.stringMatching(
      /^error .*state\.db cannot grow, for the disk is full: free some space;.*SQLITE_FULL.*nothing is lost/,
    ),
    expect.stringMatching(/^info .*there is room$/),
  ])
})

it('lets nobody read on while commits wait, and says it once for all of them', async () => {
  const sleepers: (() => void)[] = []
  const store = waiting(() => new Promise((resolve) => void sleepers.push(resolve)))
  await expect(store.room()).resolves.toBeUndefined()
  const first = store.commit(large)
  const second = store.commit(large)
  await setImmediate()
  let isThereRoom = false
  const room = store.room().then(() => {
    isThereRoom = true
  })
  for (let turn = 0; turn < 20; turn++) await setImmediate()
  expect(isThereRoom).toBe(false)
  expect(said).toHaveLength(1)
  disk.free()
  sleepers[0]?.()
  await first
  expect(isThereRoom).toBe(false)
  sleepers[1]?.()
  await Promise.all([second, room])
  expect(said).toHaveLength(2)
})

it('gives up when it is stopped, and what was not committed is not there', async () => {
  const store = waiting(async () => stop.abort())
  await expect(store.commit(large)).rejects.toMatchObject({
    code: 'full',
    message: expect.stringMatching(/^stopped while a commit waited for room: .*free some space.*next start$/),
  })
  await store.room()
  expect((await store.restore()).positions.size).toBe(0)
})

it('does not try again what no room would mend', async () => {
  const store = waiting(async () => {})
  await expect(store.commit({ positions: new Map([['p', -1]]) })).rejects.toMatchObject({ code: 'invalid' })
  expect([slept, said]).toEqual([[], []])
})
