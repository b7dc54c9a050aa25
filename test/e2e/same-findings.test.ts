import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { detectors } from '../../detectors/detectors.ts'
import { describeKafka } from '../peers/describe-kafka.ts'
import { seededRandom } from '../scenarios/random.ts'
import { picket } from './picket-process.ts'

const fixtures = join(import.meta.dirname, '..', '..', 'detectors')
const random = seededRandom(20)

/** All recorded attacks and look-alikes, moved to one hour and mixed: what a gateway and its services saw. */
const lines = detectors
  .flatMap(({ id }) =>
    readdirSync(join(fixtures, id, 'fixtures')).map((name) => join(fixtures, id, 'fixtures', name)),
  )
  .filter((path) => path.endsWith('attack.ndjson'))
  .flatMap((path) => readFileSync(path, 'utf8').trim().split('\n'))
  .sort((left, right) => timeOf(left) - timeOf(right))

function timeOf(line: string): number {
  return Date.parse((JSON.parse(line) as { time: string }).time)
}

let folder: string
let expected: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'picket-same-'))
  expected = await replayed([write('all.ndjson', lines)])
  expect(expected.trim().split('\n').length).toBeGreaterThanOrEqual(detectors.length)
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function write(name: string, some: readonly string[]): string {
  const path = join(folder, name)
  const text = `${some.join('\n')}\n`
  writeFileSync(path, name.endsWith('.gz') ? gzipSync(text) : text)
  return path
}

async function replayed(inputs: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await picket(['replay', ...inputs, '--json'])
  expect(stderr).toContain(`${lines.length.toLocaleString('en-US')} events, 0 refused, 0 late`)
  expect(code).toBe(0)
  return stdout
}

describe('the same events give the same findings, byte for byte', () => {
  it('shuffled within 30 s', async () => {
    const shuffled = lines
      .map((line) => ({ line, at: timeOf(line) + random.next() * 30_000 }))
      .sort((left, right) => left.at - right.at)
    expect(
      await replayed([
        write(
          'shuffled.ndjson',
          shuffled.map(({ line }) => line),
        ),
      ]),
    ).toBe(expected)
  })

  it('split over files, one of them compressed', async () => {
    const parts = lines.map(() => random.int(0, 2))
    const files = [0, 1, 2].map((part) =>
      write(
        `part-${part}.ndjson${part === 2 ? '.gz' : ''}`,
        lines.filter((_line, index) => parts[index] === part),
      ),
    )
    expect(await replayed(files)).toBe(expected)
  })

  it('through standard input', async () => {
    const { stdout } = await picket(['replay', '-', '--json'], `${lines.join('\n')}\n`)
    expect(stdout).toBe(expected)
  })
})

describeKafka('through a gateway topic and a service topic', (brokers) => {
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING })
  const run = `same-${process.pid}-${random.int(0, 1e9)}`

  it('gives the same findings as the files do', async () => {
    const admin = kafka.admin()
    await admin.connect()
    const topics = ['gateway', 'service'].map((name) => `${run}-${name}`)
    await admin.createTopics({
      waitForLeaders: true,
      topics: topics.map((topic) => ({ topic, numPartitions: 2 })),
    })
    await admin.disconnect()
    const producer = kafka.producer({ createPartitioner: () => () => random.int(0, 1) })
    await producer.connect()
    const isService = (line: string) => line.includes('"vantage":"service"')
    for (const [index, topic] of topics.entries()) {
      const messages = lines.filter((line) => isService(line) === (index === 1)).map((value) => ({ value }))
      if (messages.length > 0) await producer.send({ topic, messages })
    }
    await producer.disconnect()
    expect(await replayed([`kafka://${brokers.join(',')}/${topics.join(',')}`])).toBe(expected)
  })
})
