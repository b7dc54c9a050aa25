import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { packOf } from '../../core/engine/entity-pack.ts'
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

it('folds in the background what commits left in batches', async () => {
  const folder = join(root, 'folds')
  const store = await openStateStore(folder, {
    openCommits: ({ name: file }, term) => new StateThread({ file, term, foldedFromBytes: 1000 }),
  })
  for (let commit = 0; commit < 30; commit++) {
    const names = Array.from({ length: 10 }, (_, index) => `ip:192.0.2.${index} p${Math.floor(commit / 10)}`)
    const bytes = new Uint8Array(20).fill(commit)
    await store.commit({
      entities: packOf(names.map((entity) => ({ detector: 'd', version: 1, entity, bytes }))),
    })
  }
  const found = new Map<string, number | undefined>()
  for await (const { entity, bytes } of store.entities()) found.set(entity, bytes?.[0])
  expect(found.size).toBe(30)
  for (const [entity, value] of found) expect(value, entity).toBe(Number(entity.slice(-1)) * 10 + 9)
  await store.close()
})
