import {
  appendFile,
  copyFile,
  mkdtemp,
  readFile,
  rename,
  rm,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { partitionKey } from '../../../core/event/position.ts'
import { type Reading, readLines } from '../../../test/contracts/source-contract.ts'
import { FileSource } from './file-source.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'picket-rotated-'))
})
afterAll(() => rm(folder, { recursive: true }))

const follow = { pollMs: 5, idleMs: 40 }
const texts = (reading: Reading) => [...reading.lines.values()].flat().map(({ text }) => text)

const numbered = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `line ${from + index}\n`).join('')

/** Reads the first 40 lines of a log under this name, to which 60 more come afterwards, as a run that is stopped. */
async function stopped(name: string) {
  const path = join(folder, name)
  await writeFile(path, numbered(0, 40))
  const positions = new Map<string, number>()
  const marks = new Map<string, string>()
  const { batches } = await readLines(new FileSource({ id: 'f', paths: [path] }), new Map())
  for (const batch of batches) {
    if (batch.kind !== 'records') continue
    positions.set(partitionKey('f', batch.partition), batch.next)
    const counts = { accepted: batch.records.length, refused: 0 }
    for (const { key, value } of batch.decoded?.(counts) ?? []) marks.set(key, value as string)
  }
  await appendFile(path, numbered(40, 100))
  const notices: string[] = []
  const again = { id: 'f', paths: [path], marks, onNotice: (text: string) => notices.push(text) }
  return {
    path,
    positions,
    notices,
    source: new FileSource(again),
    live: new FileSource({ ...again, follow }),
  }
}

test.each([
  ['renamed', (path: string) => rename(path, `${path}.1`)],
  [
    'renamed and packed',
    (path: string) =>
      readFile(path)
        .then((text) => writeFile(`${path}-20261130.gz`, gzipSync(text)))
        .then(() => rm(path)),
  ],
  ['copied and truncated', (path: string) => copyFile(path, `${path}.1`).then(() => truncate(path, 0))],
])('what a file had that was %s while nobody read it is read first', async (name, rotate) => {
  const { path, positions, notices, source, live } = await stopped(`rotated ${name}.log`)
  await rotate(path)
  await appendFile(path, numbered(100, 103))
  const wanted = [
    [path, 60],
    [`${path}#1`, 3],
  ]
  const counted = (reading: Reading) =>
    [...reading.lines].map(([partition, lines]) => [partition, lines.length])
  const once = await readLines(source, positions)
  expect(counted(once)).toEqual(wanted)
  expect(texts(once).join('\n')).toBe(numbered(40, 103).trimEnd())
  const followed = await readLines(live, positions, (reading) => texts(reading).length === 63)
  expect(counted(followed)).toEqual(wanted)
  expect(notices[0]).toMatch(
    /^.+\.log is not the file that was read up to 310 before: that is .+ now\. What it has behind 310 is read first$/,
  )
})

test('says which files came in between, and reads none of them', async () => {
  const { path, positions, notices, source } = await stopped('twice.log')
  await rename(path, `${path}.2`)
  await utimes(`${path}.2`, 1000, 1000)
  await writeFile(`${path}.1`, 'between\n')
  await writeFile(path, 'new\n')
  expect(texts(await readLines(source, positions))).toHaveLength(61)
  expect(notices).toEqual([
    expect.stringMatching(/is read first\. Rotated since, and not read: .+twice\.log\.1$/),
  ])
})
