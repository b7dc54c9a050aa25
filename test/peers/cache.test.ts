import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { provisionOnce } from './cache.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'picket-cache-'))
})
afterEach(() => rmSync(root, { recursive: true }))

/** The pid of a process that has ended. */
const deadPid = () => spawnSync(process.execPath, ['-e', '']).pid

test('callers at the same time share one fill, later ones find it', async () => {
  let fills = 0
  const fill = async (folder: string) => {
    fills++
    await new Promise((resolve) => setTimeout(resolve, 100))
    writeFileSync(join(folder, 'a.jar'), 'content')
  }
  const folders = await Promise.all([1, 2, 3].map(() => provisionOnce('peer-1', fill, root)))
  folders.push(await provisionOnce('peer-1', fill, root))
  expect(fills).toBe(1)
  expect(new Set(folders)).toEqual(new Set([join(root, 'peer-1')]))
  expect(readFileSync(join(root, 'peer-1', 'a.jar'), 'utf8')).toBe('content')
  expect(readdirSync(root)).toEqual(['peer-1'])
})

test('a fill that fails leaves nothing, and the next one may succeed', async () => {
  const failing = provisionOnce('peer-1', () => Promise.reject(new Error('no network')), root)
  await expect(failing).rejects.toThrow('no network')
  expect(readdirSync(root)).toEqual([])
  expect(existsSync(await provisionOnce('peer-1', async () => {}, root))).toBe(true)
})

test('the lock and the half download of a killed process are cleared away', async () => {
  const pid = deadPid()
  writeFileSync(join(root, 'peer-1.lock'), String(pid))
  mkdirSync(join(root, `peer-1.partial-${pid}-abc`))
  await provisionOnce('peer-1', async () => {}, root)
  expect(readdirSync(root)).toEqual(['peer-1'])
})
