import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { describeKafka } from '../peers/describe-kafka.ts'
import { picket, startPicket } from './picket-process.ts'
import { produce } from './produce.ts'
import { recordedAttacks } from './recorded-attacks.ts'

describeKafka('picket run on Kafka', (brokers) => {
  let folder: string
  const topic = `restart-${process.pid}-${Date.now()}`

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'picket-kafka-'))
    await produce(brokers, new Map([[topic, recordedAttacks]]))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('killed and started again, it ends with the findings of a replay of the topic', async () => {
    const config = join(folder, 'picket.yaml')
    writeFileSync(
      config,
      `
data_dir: ./state
sources:
  - { type: kafka, brokers: [${brokers.map((broker) => `'${broker}'`).join(', ')}], topics: [{ name: ${topic} }], group: ${topic}, idle: 1s }
clickhouse: { embedded: false }
`,
    )
    const replayed = await picket(['replay', `kafka://${brokers.join(',')}/${topic}`, '--json'])
    expect(replayed.stdout).not.toBe('')
    const list = () => picket(['findings', 'list', '--json', '--config', config])

    const first = startPicket(['run', '--config', config])
    await vi.waitFor(() => expect(first.output.stderr).toContain('"msg":"ready"'), { timeout: 20_000 })
    await sleep(1500)
    first.child.kill('SIGKILL')
    await first.ended
    const second = startPicket(['run', '--config', config])
    try {
      await vi.waitFor(async () => expect((await list()).stdout).toBe(replayed.stdout), {
        timeout: 90_000,
        interval: 2000,
      })
    } finally {
      second.child.kill('SIGTERM')
      expect((await second.ended).code).toBe(0)
    }
    const again = await picket(['replay', '--manifest', 'live', '--json', '--config', config])
    expect(again.stdout).toBe((await list()).stdout)
  }, 240_000)
})
