import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it, vi } from 'vitest'
import { openReadOnly } from '../../storage/sqlite/sqlite-state-store.ts'
import { picket, startPicket } from './picket-process.ts'

const folder = mkdtempSync(join(tmpdir(), 'picket-reload-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const config = join(folder, 'picket.yaml')
const base = `
data_dir: ./state
sources: [{ type: file, paths: [./access.ndjson], follow: true }]
clickhouse: { embedded: false }
`

it('SIGHUP puts a new configuration in force whole, or refuses it whole; SIGTERM ends the run', async () => {
  writeFileSync(join(folder, 'access.ndjson'), '')
  writeFileSync(config, base)
  const run = startPicket(['run', '--config', config])
  const logged = (msg: string) =>
    run.output.stderr
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter((line) => String(line.msg).startsWith(msg))
  const said = (msg: string, times: number) =>
    vi.waitFor(() => expect(logged(msg)).toHaveLength(times), { timeout: 20_000 })
  const inForce = async () => {
    const { stdout } = await picket(['decisions', 'list', '--json', '--config', config])
    return stdout
      .trim()
      .split('\n')
      .filter((line) => line !== '').length
  }
  try {
    await said('ready', 1)
    const add = [
      'decisions',
      'add',
      '--scope',
      'principal',
      '--value',
      'mallory',
      '--type',
      'deny',
      '--ttl',
      '1h',
    ]
    const added = await picket([...add, '--reason', 'test', '--config', config])
    expect(added).toMatchObject({ code: 0 })
    expect(await inForce()).toBe(1)

    writeFileSync(config, `${base}response: { protected: { principals: [mallory] }, limits: 5 }\n`)
    run.child.kill('SIGHUP')
    await said('reload refused: the new configuration has problems', 1)

    writeFileSync(config, `${base}response: { protected: { principals: [mallory] } }\nworkers: 2\n`)
    run.child.kill('SIGHUP')
    await said('reload refused: it needs a restart', 1)
    expect(logged('reload refused: it needs')).toMatchObject([
      { needs_restart: ['workers'], not_changed_either: ['response'] },
    ])
    expect(logged('decision ended')).toEqual([])

    writeFileSync(config, `${base}response: { protected: { principals: [mallory] } }\n`)
    run.child.kill('SIGHUP')
    await said('reloaded', 1)
    await said('decision ended', 1)
    expect(await inForce()).toBe(0)
  } finally {
    run.child.kill('SIGTERM')
  }
  expect(await run.ended).toMatchObject({ code: 0 })
  const state = await openReadOnly(join(folder, 'state'))
  const control = await state.controlLog()
  await state.close()
  expect(control.filter(({ kind }) => kind === 'response')).toMatchObject([
    { digest: expect.stringMatching(/^r1:[0-9a-f]{16}$/) },
  ])
}, 90_000)
