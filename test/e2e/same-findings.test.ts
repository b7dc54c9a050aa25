import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { detectors } from '../../detectors/detectors.ts'
import { describeKafka } from '../peers/describe-kafka.ts'
import { seededRandom } from '../scenarios/random.ts'
import { picket } from './picket-process.ts'
import { produce } from './produce.ts'
import { recordedAttacks, timeOf } from './recorded-attacks.ts'

const random = seededRandom(20)
const lines = recordedAttacks

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

  it('half in a file and half through standard input', async () => {
    const file = write(
      'odd.ndjson',
      lines.filter((_line, index) => index % 2 === 1),
    )
    const even = lines.filter((_line, index) => index % 2 === 0)
    const { stdout, stderr } = await picket(['replay', file, '-', '--json'], `${even.join('\n')}\n`)
    expect(stderr).toContain('0 refused, 0 late')
    expect(stdout).toBe(expected)
  })
})

describeKafka('through a gateway topic and a service topic', (brokers) => {
  it('gives the same findings as the files do', async () => {
    const run = `same-${process.pid}-${random.int(0, 1e9)}`
    const isService = (line: string) => line.includes('"vantage":"service"')
    const topics = new Map([
      [`${run}-gateway`, lines.filter((line) => !isService(line))],
      [`${run}-service`, lines.filter(isService)],
    ])
    await produce(brokers, topics)
    expect(await replayed([`kafka://${brokers.join(',')}/${[...topics.keys()].join(',')}`])).toBe(expected)
  })
})
