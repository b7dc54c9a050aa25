import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { recordBytes } from '../../../core/ports/source.ts'
import { RangeGone } from '../range-gone.ts'
import { type FileIdentity, printOf } from './file-identity.ts'
import { fileRange } from './file-range.ts'
import { FileSource } from './file-source.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'picket-range-'))
  path = join(folder, 'access.log')
})
afterEach(() => rmSync(folder, { recursive: true }))

const lines = Array.from({ length: 500 }, (_, number) => `line ${number} ${'x'.repeat(number % 40)}`)
const text = `${lines.join('\n')}\n`
const starts = lines.map((_, number) =>
  Buffer.byteLength(
    lines
      .slice(0, number)
      .map((line) => `${line}\n`)
      .join(''),
  ),
)
const at = (number: number) => starts[number] ?? text.length

const headOf = (): FileIdentity => printOf(Buffer.from(text).subarray(0, 1024))
const identityAt = (number: number): FileIdentity => {
  const read = Buffer.from(text).subarray(0, at(number))
  return { ...printOf(read.subarray(0, 1024)), before: { ...printOf(read.subarray(-1024)), at: read.length } }
}

async function read(from: number, to: number, identity?: FileIdentity, isNewest = true): Promise<string[]> {
  const found: string[] = []
  for await (const { records } of fileRange({ partition: path, path, from, to, identity, isNewest }))
    for (const record of records) found.push(`${record.offset} ${Buffer.from(recordBytes(record))}`)
  return found
}

const wanted = (from: number, to: number) =>
  lines.slice(from, to).map((line, index) => `${starts[from + index]} ${line}`)

describe('a range of a file that was read before', () => {
  it.each([
    ['plain', (bytes: string) => Buffer.from(bytes)],
    ['gzip', (bytes: string) => gzipSync(bytes)],
  ])('gives its records with their offsets: %s', async (_kind, made) => {
    writeFileSync(path, made(text))
    for (const [from, to] of [
      [0, 500],
      [0, 1],
      [17, 18],
      [100, 499],
      [499, 500],
    ] as const)
      expect(await read(at(from), at(to))).toEqual(wanted(from, to))
  })

  it('is found after rotation by how the file began, compressed or not, and not in another file', async () => {
    writeFileSync(path, text)
    const head = headOf()
    renameSync(path, `${path}.2`)
    writeFileSync(path, 'another\n'.repeat(5000))
    writeFileSync(`${path}.1`, 'a third\n'.repeat(5000))
    mkdirSync(`${path}.d`)
    writeFileSync(join(folder, 'access.logs'), text)
    expect(await read(at(3), at(9), head)).toEqual(wanted(3, 9))
    rmSync(`${path}.2`)
    writeFileSync(`${path}-20261130.gz`, gzipSync(text))
    expect(await read(at(3), at(9), head, false)).toEqual(wanted(3, 9))
  })

  it('is found among files that begin alike by what lay before the place up to which it was read', async () => {
    const other = text.replace('line 300', 'LINE 300')
    writeFileSync(path, other)
    writeFileSync(`${path}.1`, gzipSync(text))
    writeFileSync(`${path}.2`, text.slice(0, at(400)))
    // What differs lies within the bytes before the 301st line, and one is too short.
    expect(await read(at(3), at(9), identityAt(301))).toEqual(wanted(3, 9))
    rmSync(`${path}.1`)
    expect(await read(at(300), at(301), identityAt(301))).toEqual(wanted(300, 301))
    rmSync(`${path}.2`)
    await expect(read(at(3), at(9), identityAt(301))).rejects.toThrow(/put the rotated file back beside it/)
  })

  it('names both files when an older state can not tell which it was', async () => {
    writeFileSync(path, text)
    expect(await read(at(3), at(9), headOf())).toEqual(wanted(3, 9))
    writeFileSync(`${path}.1`, `${text}more\n`)
    await expect(read(at(3), at(9), headOf())).rejects.toThrow(`${path} and ${path}.1 begin alike`)
  })

  it('is gone when the file is: says which, and what to do', async () => {
    writeFileSync(path, text)
    const head = headOf()
    await expect(read(0, text.length + 1)).rejects.toThrow(/has only .* bytes/)
    await expect(read(at(3) + 1, at(9))).rejects.toThrow(/no line begins at offset/)
    writeFileSync(path, 'another\n'.repeat(5000))
    await expect(read(0, 8, head)).rejects.toThrow(/put the rotated file back beside it/)
    await expect(read(0, 8, undefined, false)).rejects.toThrow(/began was not stored/)
    rmSync(path)
    await expect(read(0, 8)).rejects.toThrow(RangeGone)
  })
})

/** Reads the file under the path as a run does, and gives the marks that are committed with its position. */
async function readOnce(positions: ReadonlyMap<string, number>, marks: ReadonlyMap<string, string>) {
  const { signal } = new AbortController()
  const committed = new Map(marks)
  let first = ''
  for await (const batch of new FileSource({ id: 'f', paths: [path], marks }).read(positions, signal)) {
    if (batch.kind !== 'records') continue
    first ||= `${batch.partition} ${batch.records[0]?.offset}`
    for (const { key, value } of batch.decoded?.({ accepted: 0, refused: 0 }) ?? []) committed.set(key, value)
  }
  return { first, marks: committed }
}

describe.each([
  ['plain', (content: string) => Buffer.from(content)],
  ['gzip', (content: string) => gzipSync(content)],
])('a %s file that took the place of another while nobody looked', (_kind, made) => {
  it.each([
    ['with another beginning', (old: string) => old.replace('line 0', 'LINE 0')],
    ['that begins alike, and has other lines later', (old: string) => old.replace('line 100 ', 'LINE 100 ')],
  ])('%s, as long, is read from its start, under a name of its own', async (_name, changed) => {
    writeFileSync(path, made(text.slice(0, at(110))))
    const { marks } = await readOnce(new Map(), new Map())
    const positions = new Map([[`f\u0000${path}`, at(110)]])
    // It grew, and is the same.
    writeFileSync(path, made(text))
    expect(await readOnce(positions, marks)).toMatchObject({ first: `${path} ${at(110)}` })
    writeFileSync(path, made(changed(text)))
    expect(await readOnce(positions, marks)).toMatchObject({ first: `${path}#1 0` })
  })
})

it.each([
  ['plain', (content: string) => Buffer.from(content), [3, 4, 50, 51, 300, 301]],
  // After a restart too little passes by to know more, and what was known before still holds.
  ['gzip', (content: string) => gzipSync(content), [3, 3, 50, 50, 300, 300]],
] as const)('the identity of a %s file follows the reading over restarts', async (_kind, made, known) => {
  const identities: unknown[] = []
  let marks: ReadonlyMap<string, string> = new Map()
  let from = 0
  for (const number of [3, 4, 50, 51, 300, 301]) {
    writeFileSync(path, made(text.slice(0, at(number))))
    marks = (await readOnce(new Map([[`f\u0000${path}`, from]]), marks)).marks
    from = at(number)
    identities.push(JSON.parse(marks.get(`head:f\u0000${path}`) ?? ''))
  }
  expect(identities).toEqual(known.map(identityAt))
})
