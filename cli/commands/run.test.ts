import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { runPicket } from '../testing/run-picket.ts'

const folder = mkdtempSync(join(tmpdir(), 'picket-run-'))
afterAll(() => rmSync(folder, { recursive: true }))

it('lists everything that is not here before it starts, with its place, and ends with 2', async () => {
  const file = join(folder, 'picket.yaml')
  const text = `data_dir: picket.yaml
sources:
  - { type: file, paths: [picket.yaml, gone.log] }
  - { type: file, name: later, paths: [later.log, .], follow: true }
privacy: { key: env:PICKET_RUN_KEY }
actions: { page: { routing_key: env:PICKET_RUN_PAGE } }
clickhouse: { url: http://c:8123, password: env:PICKET_RUN_COPIES }
`
  writeFileSync(file, text)
  const { code, out, err } = await runPicket('run', '--config', file)
  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(err.split('\n').filter((line) => line.startsWith(file) || line.endsWith('problems'))).toEqual([
    expect.stringMatching(
      /:1:11: the data folder .*picket\.yaml cannot be used: .* is a file and no folder$/,
    ),
    expect.stringMatching(/:3:40: .*gone\.log: there is no such file$/),
    expect.stringMatching(/:4:51: .*: it is a directory$/),
    expect.stringContaining(':5:17: privacy.key: env:PICKET_RUN_KEY: '),
    expect.stringContaining(':6:33: actions.page.routing_key: env:PICKET_RUN_PAGE: '),
    '5 problems',
  ])
})
