import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, expect, it } from 'vitest'
import { picket } from '../test/e2e/picket-process.ts'

const folder = mkdtempSync(join(tmpdir(), 'picket-main-'))
afterAll(() => rmSync(folder, { recursive: true }))

it.each([
  ['an unknown option', ['findings', '--\u001b[31mred'], 2],
  ['an unknown command', ['\u001b[31mred'], 2],
  ['a value that is refused', ['replay', 'kafka://\u001b[31mred'], 2],
  ['a detector that is not there', ['detectors', 'show', '\u001b[31mred'], 4],
  ['a missing file', ['replay', join(folder, '\u001b[31mred')], 1],
  ['a folder without state', ['findings', '--data-dir', join(folder, '\u001b[31mred')], 4],
] as const)('repeats %s without obeying it', async (_what, args, code) => {
  const ran = await picket(args)
  expect(ran).toMatchObject({ code, stdout: '' })
  expect(ran.stderr).toContain('\\u{1b}[31mred')
  expect(ran.stderr).not.toContain('\u001b')
})

const config = join(folder, 'picket.yaml')
writeFileSync(config, 'sources: [{ type: stdin }]\nclickhouse: { embedded: false }\n')

it.each([
  // On Linux the system makes nothing there; elsewhere nobody may.
  ['cannot be made', '/proc/picket/state', '/proc/picket/state cannot be used: E'],
  ['is a file', config, 'is a file and no folder\n  hint: name a folder that this user may write'],
])('picket run ends at once where its data folder %s', async (_what, dataDir, why) => {
  const ran = await picket(['run', '--config', config, '--data-dir', dataDir])
  expect(ran).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(why) })
})

it('picket replay reads gzip from standard input', async () => {
  const event = '{"time":"2026-03-02T09:00:00Z","path":"/","status":200}\n'
  const ran = await picket(['replay', '-'], gzipSync(event.repeat(30)))
  expect(ran).toMatchObject({ code: 0, stderr: expect.stringContaining('30 events, 0 refused') })
})
