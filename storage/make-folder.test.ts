import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { makeFolder } from './make-folder.ts'

const root = mkdtempSync(join(tmpdir(), 'picket-folder-'))
afterAll(() => rmSync(root, { recursive: true }))

it('makes what is missing, for its owner alone, and leaves what is there', () => {
  const folder = join(root, 'a', 'b')
  makeFolder(folder)
  writeFileSync(join(folder, 'kept'), '')
  makeFolder(folder)
  expect(statSync(join(root, 'a')).mode & 0o777).toBe(0o700)
  expect(existsSync(join(folder, 'kept'))).toBe(true)
})

it('names the file that is in the way', () => {
  const file = join(root, 'file')
  writeFileSync(file, '')
  expect(() => makeFolder(file)).toThrow(`${file} is a file and no folder`)
  expect(() => makeFolder(join(file, 'in', 'it'))).toThrow('ENOTDIR')
})

// /proc is Linux's; elsewhere nobody may make it at the root.
it('gives up where the system makes no folders', () => {
  expect(() => makeFolder('/proc/picket/state')).toThrow(/ENOENT|EACCES|EROFS|EPERM/)
})
