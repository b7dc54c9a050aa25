import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { packsOf } from '../../core/engine/entity-pack.ts'
import type { EntityPack } from '../../core/ports/state-store.ts'
import { openStateStore } from '../../storage/sqlite/sqlite-state-store.ts'
import { runStateStoreContract } from '../../test/contracts/state-store-contract.ts'
import { StateThread, threadCommits } from './state-thread.ts'

const root = mkdtempSync(join(tmpdir(), 'picket-state-thread-'))
afterAll(() => rmSync(root, { recursive: true }))

let folders = 0
const folderOf = new WeakMap<object, string>()
async function openIn(folder: string) {
  const store = await openStateStore(folder, { openCommits: threadCommits })
  folderOf.set(store, folder)
  return store
}

runStateStoreContract({
  name: 'sqlite, written by a thread',
  open: () => openIn(join(root, String(folders++))),
  reopen: (store) => openIn(folderOf.get(store) ?? ''),
  takeOver: (store) => {
    const folder = folderOf.get(store) ?? ''
    rmSync(join(folder, 'state.lock'))
    return openIn(folder)
  },
})

it('fails every commit with the reason once the thread has died, and keeps what was committed', async () => {
  const folder = join(root, 'dies')
  let thread: StateThread | undefined
  const store = await openStateStore(folder, {
    openCommits: ({ name: file }, term) => {
      thread = new StateThread({ file, term })
      return thread
    },
  })
  await store.commit({ positions: new Map([['p', 1]]) })
  const under = store.commit({ positions: new Map([['p', 2]]) })
  under.catch(() => {})
  await thread?.terminate()
  const reason = 'the thread that writes the state died: exit code 1; what is committed is intact'
  await expect(store.commit({ positions: new Map([['p', 3]]) })).rejects.toThrow(reason)
  await store.close()
  const committed = await under.then(
    () => 2,
    () => 1,
  )
  const again = await openStateStore(folder)
  expect((await again.restore()).positions.get('p')).toBeGreaterThanOrEqual(committed)
  await again.close()
})

it('keeps the write-ahead log short without a checkpoint within commits', async () => {
  const folder = join(root, 'logged')
  const store = await openIn(folder)
  const bytes = new Uint8Array(1024 * 1024)
  for (let number = 1; number <= 60; number++) {
    const [pack] = packsOf([{ detector: 'd', version: 1, entity: 'p5 ip:192.0.2.1', bytes }], number)
    await store.commit({ packs: [{ ...(pack as EntityPack), oldest: number }] })
  }
  // 60 MiB were written, of which one is there.
  expect(statSync(join(folder, 'state.db-wal')).size).toBeLessThan(24 * 1024 * 1024)
  expect(statSync(join(folder, 'state.db')).size).toBeLessThan(24 * 1024 * 1024)
  await store.close()
})
