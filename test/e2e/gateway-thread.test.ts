import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { askAuthz } from '../gateway-thread/authz-client.ts'
import { freePort } from '../peers/free-port.ts'
import { startPicket } from './picket-process.ts'

let folder: string
let port: number
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'picket-gateway-'))
  port = await freePort()
  writeFileSync(join(folder, 'access.ndjson'), '')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function run(name: string) {
  const path = join(folder, `${name}.yaml`)
  const configuration = `
data_dir: ./${name}
sources: [{ type: file, paths: [./access.ndjson], format: canonical, follow: true }]
enforcement: { envoy: { listen: { port: ${port} } } }
clickhouse: { embedded: false }
`
  writeFileSync(path, configuration)
  return startPicket(['run', '--config', path])
}

it('a process answers gateways until it is told to end, then nothing holds it; a second one says who is in the way', async () => {
  const first = run('first')
  await vi.waitFor(() => expect(first.output.stderr).toContain('"msg":"ready"'), { timeout: 20_000 })
  expect(await askAuthz(port, {})).toBe(200)

  const second = await run('second').ended
  expect(second.stderr).toContain(`"level":60`)
  expect(second.stderr).toContain(`"msg":"ext_authz can't listen on 127.0.0.1:${port}`)
  expect(second.code).toBe(1)

  first.child.kill('SIGTERM')
  expect(await first.ended).toMatchObject({ code: 0 })
  await expect(askAuthz(port, {})).rejects.toMatchObject({ code: 14 })
}, 60_000)
