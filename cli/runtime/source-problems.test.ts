import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { configFromText } from '../../config/load-config.ts'
import { RdkafkaMissing } from '../../ingest/sources/kafka/rdkafka/rdkafka-module.ts'
import { configContext } from './shipped.ts'
import { sourceProblems } from './source-problems.ts'

const text = `sources:
  - { type: kafka, name: a, brokers: ['h:1'], topics: [{ name: t }], client: rdkafka }
  - { type: kafka, name: b, brokers: ['h:1'], topics: [{ name: t }] }
  - { type: file, name: c, paths: [./no-such.log] }
  - { type: file, name: d, paths: [./to-come.log], follow: true }
`

const folder = mkdtempSync(join(tmpdir(), 'picket-source-problems-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function problemsOf(load: () => Promise<unknown>, sources = text, root = '/no-such') {
  const loaded = configFromText('picket.yaml', sources, root, configContext())
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  return (await sourceProblems(loaded, load)).map(({ line, message, hint }) => ({ line, message, hint }))
}

const file = { line: 4, message: '/no-such/no-such.log: there is no such file', hint: expect.any(String) }

it('are the library of a source that is not installed, and a file to read once that is not there', async () => {
  const missing = () =>
    Promise.reject(new RdkafkaMissing(new Error("Cannot find package 'node-rdkafka'\nmore")))
  expect(await problemsOf(missing)).toEqual([
    file,
    {
      line: 2,
      message:
        "`client: rdkafka` needs the package node-rdkafka, which can't be loaded (Cannot find package 'node-rdkafka')",
      hint: expect.stringContaining('npm install node-rdkafka'),
    },
  ])
})

it('are none of a library that can be loaded', async () => {
  expect(await problemsOf(async () => ({}))).toEqual([file])
})

it('are what is there and is no file, also where it is followed', async () => {
  mkdirSync(join(folder, 'logs'))
  execFileSync('mkfifo', [join(folder, 'pipe')])
  writeFileSync(join(folder, 'a.log'), '')
  const server = createServer().listen(join(folder, 'socket'))
  await once(server, 'listening')
  const paths = 'paths: [logs, pipe, socket, a.log, a.log/b.log]'
  const sources = `sources:
  - { type: file, name: a, ${paths} }
  - { type: file, name: b, follow: true, ${paths} }
`
  try {
    const pipe = ['it is a pipe and no file', expect.stringContaining('a source of type stdin')]
    const found = [
      ['logs', 'it is a directory', 'name the files in it'],
      ['pipe', ...pipe],
      ['socket', ...pipe],
      ['a.log/b.log', "it can't be read (ENOTDIR)", 'check the path'],
    ]
    expect(await problemsOf(async () => ({}), sources, folder)).toEqual(
      [2, 3].flatMap((line) =>
        found.map(([name, what, hint]) => ({ line, message: `${join(folder, name)}: ${what}`, hint })),
      ),
    )
  } finally {
    server.close()
  }
})
