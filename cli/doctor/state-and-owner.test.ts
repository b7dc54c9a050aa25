import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { migrations } from '../../storage/sqlite/schema.ts'
import { openStateStore } from '../../storage/sqlite/sqlite-state-store.ts'
import { stateAndOwner } from './state-and-owner.ts'

const folder = mkdtempSync(join(tmpdir(), 'picket-state-and-owner-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('a state that can not be read to its end in time is no failure, and all else is told', async () => {
  const store = await openStateStore(folder)
  const examination = stateAndOwner(folder, Promise.resolve(undefined), [], 0)
  try {
    expect(await examination.examine(new AbortController().signal)).toMatchObject([
      { level: 'ok', message: `schema ${migrations.length}, the newest that this version knows` },
      {
        level: 'warn',
        message: expect.stringContaining('not all checked'),
        todo: expect.stringContaining('quick_check'),
      },
      { level: 'warn', message: expect.stringContaining('a process has it open') },
    ])
  } finally {
    await store.close()
  }
})
