import { expect, it } from 'vitest'
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

async function problemsOf(load: () => Promise<unknown>) {
  const loaded = configFromText('picket.yaml', text, '/no-such', configContext())
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
