import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { openStateStore } from '../../storage/sqlite/sqlite-state-store.ts'
import { soundness } from './soundness.ts'

const folder = mkdtempSync(join(tmpdir(), 'picket-soundness-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('reads beside a store that is open, and says how to look through a file that is too large', async () => {
  const store = await openStateStore(join(folder, 'open'))
  await store.commit({ marks: [{ key: 'k', value: 'v' }] })
  const file = join(folder, 'open', 'state.db')
  expect(await soundness(file)).toMatch(/^looked through/)
  expect(await soundness(file, 1000)).toContain("'PRAGMA quick_check(1)'")
  await store.commit({ marks: [{ key: 'k', value: 'w' }] })
  await store.close()
})

it('says of what is no state that it is none', async () => {
  const file = join(folder, 'text.db')
  writeFileSync(file, 'certainly not a database. '.repeat(100))
  await expect(soundness(file)).rejects.toThrow('is not a SQLite database')
})
