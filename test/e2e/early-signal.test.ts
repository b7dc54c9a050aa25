import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, it, vi } from 'vitest'
import { startPicket } from './picket-process.ts'

const folder = mkdtempSync(join(tmpdir(), 'picket-early-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Sends the signal from within, at the moment when the configuration is read. */
const sender = `
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
const read = fs.readFileSync
fs.readFileSync = (path, ...rest) => {
  if (String(path).endsWith('picket.yaml')) {
    fs.readFileSync = read
    syncBuiltinESMExports()
    process.kill(process.pid, 'SIGHUP')
  }
  return read(path, ...rest)
}
syncBuiltinESMExports()
`

it('a SIGHUP while the configuration is read ends nothing; every line of the log is JSON, notices too', async () => {
  const config = join(folder, 'picket.yaml')
  writeFileSync(
    config,
    'data_dir: ./state\nsources: [{ type: file, paths: [./a.ndjson], follow: true }]\nclickhouse: { embedded: false }\n',
  )
  writeFileSync(join(folder, 'a.ndjson'), '')
  const preload = join(folder, 'sender.mjs')
  writeFileSync(preload, sender)
  const run = startPicket(['run', '--config', config], {
    NODE_OPTIONS: `--import ${pathToFileURL(preload).href}`,
  })
  try {
    await vi.waitFor(() => expect(run.output.stderr).toContain('"msg":"ready"'), { timeout: 20_000 })
    // The signal had come, or this would test nothing.
    await vi.waitFor(() => expect(run.output.stderr).toContain('"msg":"reload: nothing has changed"'), {
      timeout: 20_000,
    })
  } finally {
    run.child.kill('SIGTERM')
  }
  const { code, stderr } = await run.ended
  expect(code, stderr).toBe(0)
  const lines = stderr.trim().split('\n')
  const told = lines.map((line) => JSON.parse(line) as { readonly level: number; readonly msg: string })
  expect(told[0]).toMatchObject({ level: 40, msg: expect.stringContaining('privacy') })
  expect(told.at(-1)?.msg).toContain('0 events, 0 refused')
}, 60_000)
