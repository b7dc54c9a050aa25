import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { recordBytes } from '../../../core/ports/source.ts'
import { RangeGone } from '../range-gone.ts'
import { type FileHead, readHead } from './file-head.ts'
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

async function headOf(name = path, isCompressed = false): Promise<FileHead> {
  const file = await open(name)
  try {
    return await readHead(file, isCompressed, 1024)
  } finally {
    await file.close()
  }
}

async function read(from: number, to: number, head?: FileHead, isNewest = true): Promise<string[]> {
  const found: string[] = []
  for await (const { records } of fileRange({ partition: path, path, from, to, head, isNewest }))
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
    const head = await headOf()
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

  it('is gone when the file is: says which, and what to do', async () => {
    writeFileSync(path, text)
    const head = await headOf()
    await expect(read(0, text.length + 1)).rejects.toThrow(/has only .* bytes/)
    await expect(read(at(3) + 1, at(9))).rejects.toThrow(/no line begins at offset/)
    writeFileSync(path, 'another\n'.repeat(5000))
    await expect(read(0, 8, head)).rejects.toThrow(/put the rotated file back beside it/)
    await expect(read(0, 8, undefined, false)).rejects.toThrow(/began was not stored/)
    rmSync(path)
    await expect(read(0, 8)).rejects.toThrow(RangeGone)
  })
})

it('a file that took the place of another while nobody looked is read from its start, under a name of its own', async () => {
  const { signal } = new AbortController()
  writeFileSync(path, text)
  const marks = new Map<string, string>()
  for await (const batch of new FileSource({ id: 'f', paths: [path] }).read(new Map(), signal)) {
    const counts = { accepted: 0, refused: 0 }
    if (batch.kind === 'records')
      for (const { key, value } of batch.decoded?.(counts) ?? []) marks.set(key, value)
  }
  const positions = new Map([[`f\u0000${path}`, at(100)]])
  const first = async () => {
    for await (const batch of new FileSource({ id: 'f', paths: [path], marks }).read(positions, signal))
      if (batch.kind === 'records') return `${batch.partition} ${batch.records[0]?.offset}`
    return ''
  }
  expect(await first()).toBe(`${path} ${at(100)}`)
  // As long, and with a line that begins at the same place: its first bytes alone tell.
  writeFileSync(path, text.replace('line 0', 'LINE 0'))
  expect(await first()).toBe(`${path}#1 0`)
})
