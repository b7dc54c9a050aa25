import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeBaseline } from '../../cli/runtime/baseline-build.ts'
import { emptyBaseline } from '../../core/baseline/baseline.ts'
import { picket } from './picket-process.ts'

describe('a broker that takes connections and never answers', () => {
  const folder = mkdtempSync(join(tmpdir(), 'picket-silent-'))
  const server = createServer(() => {})
  const config = join(folder, 'picket.yaml')
  const baseline = join(folder, 'baseline.json')
  let broker: string

  beforeAll(async () => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    broker = `127.0.0.1:${(server.address() as AddressInfo).port}`
    writeFileSync(
      config,
      `cluster: { prefix: silent }
sources: [{ type: kafka, brokers: ['${broker}'], topics: [{ name: gateway }], group: g }]
`,
    )
    writeBaseline(baseline, emptyBaseline)
  })
  afterAll(() => {
    server.close()
    rmSync(folder, { recursive: true })
  })

  it.concurrent.each([
    [['findings', 'list']],
    [['decisions', 'list']],
    [['control', 'list']],
    [['dead-letters', 'list']],
    [['baseline', 'use', baseline]],
    [['baseline', 'show']],
  ])(
    '%j says so, with the broker and what to look at',
    async (args) => {
      const { code, stdout, stderr } = await picket([...args, '--config', config])
      expect([code, stdout]).toEqual([1, ''])
      expect(stderr).toContain(`Kafka broker ${broker} takes the connection and does not answer`)
      expect(stderr).toContain('stopped or overloaded')
    },
    60_000,
  )
})
