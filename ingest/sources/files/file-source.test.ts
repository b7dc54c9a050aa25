import { execFileSync } from 'node:child_process'
import { appendFile, mkdir, mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { partitionKey } from '../../../core/event/position.ts'
import { recordBytes, type SourceBatch } from '../../../core/ports/source.ts'
import { type Reading, readLines, runSourceContract } from '../../../test/contracts/source-contract.ts'
import { FileSource } from './file-source.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'picket-files-'))
})
afterAll(() => rm(folder, { recursive: true }))

const follow = { pollMs: 5, idleMs: 40 }

for (const [name, extension] of [
  ['plain FileSource', '.log'],
  ['gzip FileSource', '.log.gz'],
] as const) {
  runSourceContract({
    name,
    partitions: 3,
    ...(extension === '.log.gz' && { neverLive: true }),
    provide: async (partitions) => {
      const place = await mkdtemp(join(folder, 'contract-'))
      const paths = partitions.map((_, index) => join(place, `${index}${extension}`))
      for (const [index, lines] of partitions.entries()) {
        const text = lines.join('\n')
        await writeFile(paths[index] ?? '', extension === '.log' ? text : gzipSync(text))
      }
      if (extension === '.log') for (const path of paths) await appendFile(path, '\n')
      return {
        open: ({ isLive }) => new FileSource({ id: 'files', paths, ...(isLive && { follow }) }),
      }
    },
  })
}

/** Path of a new file. */
async function file(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, content)
  return path
}

function texts(reading: Reading): string[] {
  return [...reading.lines.values()].flat().map((line) => line.text)
}

function kindsOf(batches: readonly SourceBatch[]): string[] {
  return batches.map(
    (batch) => `${batch.kind} ${batch.partition.slice(batch.partition.lastIndexOf('/') + 1)}`,
  )
}

describe('FileSource', () => {
  test('reads long lines, chunk borders and many batches alike from plain and gzip files', async () => {
    const lines = Array.from({ length: 5000 }, (_, index) => `${index} ${'x'.repeat((index * 7919) % 400)}`)
    lines[1000] = 'y'.repeat(1_000_000)
    const plain = await readLines(
      new FileSource({ id: 'f', paths: [await file('many.log', lines.join('\r\n'))] }),
    )
    const zipped = await readLines(
      new FileSource({ id: 'f', paths: [await file('many.gz', gzipSync(lines.join('\r\n')))] }),
    )
    expect(texts(plain)).toEqual(lines.with(1000, 'y'.repeat(4096)))
    expect([...zipped.lines.values()]).toEqual([...plain.lines.values()])
    const truncated = plain.batches.flatMap((batch) =>
      batch.kind === 'records' ? batch.records.filter((record) => record.truncated) : [],
    )
    expect(truncated).toHaveLength(1)
    expect(plain.batches.filter((batch) => batch.kind === 'records').length).toBeGreaterThan(5)
  })

  test('all members of a gzip file count, and its content decides, not its name', async () => {
    const members = Buffer.concat([gzipSync('one\ntw'), gzipSync('o\n'), Buffer.alloc(512)])
    expect(
      texts(await readLines(new FileSource({ id: 'f', paths: [await file('members.log', members)] }))),
    ).toEqual(['one', 'two'])
  })

  test('a path named twice is read once', async () => {
    const path = await file('twice.log', 'a\n')
    expect(texts(await readLines(new FileSource({ id: 'f', paths: [path, path] })))).toEqual(['a'])
  })

  test.each([
    ['cut off', (zipped: Buffer) => zipped.subarray(0, zipped.length >> 1), 'unexpected end of file'],
    ['overwritten', (zipped: Buffer) => zipped.fill(0xff, zipped.length >> 1), ''],
  ])(
    'a %s gzip file gives what is readable, then an error with file and offset',
    async (_name, harm, why) => {
      const lines = Array.from({ length: 20_000 }, (_, index) => `${index} ${Math.sin(index)}`)
      const path = await file('corrupt.gz', harm(gzipSync(lines.join('\n'))))
      const read: string[] = []
      let next = 0
      const reading = async () => {
        for await (const batch of new FileSource({ id: 'f', paths: [path] }).read(
          new Map(),
          new AbortController().signal,
        )) {
          if (batch.kind !== 'records') continue
          for (const record of batch.records) read.push(Buffer.from(recordBytes(record)).toString())
          next = batch.next
        }
      }
      const error = await reading().catch((error: Error) => error)
      expect(error).toBeInstanceOf(Error)
      expect((error as Error).message).toContain(`cannot read ${path} at offset ${next}: ${why}`)
      expect(read).toEqual(lines.slice(0, read.length))
      expect(read.length).toBeGreaterThan(9000)
    },
  )

  test.each([
    ['missing.log', 'there is no such file; check the path'],
    ['directory', 'it is a directory; name the files in it'],
  ])('%s is an error before any record', async (name, advice) => {
    await mkdir(join(folder, 'directory'), { recursive: true })
    const paths = [await file('there.log', 'a\n'), join(folder, name)]
    let records = 0
    const reading = readLines(new FileSource({ id: 'f', paths }), new Map(), ({ lines }) => {
      records = lines.size
      return false
    })
    await expect(reading).rejects.toThrow(`cannot read ${paths[1]}: ${advice}`)
    expect(records).toBe(0)
  })

  test('a pipe is an error and no wait for its writer', async () => {
    const path = join(folder, 'pipe')
    execFileSync('mkfifo', [path])
    const reading = readLines(new FileSource({ id: 'f', paths: [path] }))
    await expect(reading).rejects.toThrow(`cannot read ${path}: it is a pipe and no file`)
  })

  test('each partition is read only as far as it is asked', async () => {
    const paths = [await file('a.log', 'a\n'), await file('b.log', 'b\n')]
    const [first, second] = new FileSource({ id: 'f', paths }).partitions(
      new Map(),
      new AbortController().signal,
    )
    const kinds: string[] = []
    for await (const batch of second ?? []) kinds.push(batch.kind)
    expect(kinds).toEqual(['opened', 'records', 'ended'])
    for await (const batch of first ?? []) {
      expect(batch.kind).toBe('opened')
      break
    }
  })
})

describe('FileSource that follows', () => {
  test('waits for the rest of a line, says idle once, and goes on', async () => {
    const path = await file('growing.log', 'one\ntw')
    const steps = [() => appendFile(path, 'o\n'), () => appendFile(path, 'three\n')]
    const reading = await readLines(
      new FileSource({ id: 'f', paths: [path], follow }),
      new Map(),
      (reading) => {
        if (reading.batches.at(-1)?.kind === 'idle') steps.shift()?.()
        return texts(reading).includes('three')
      },
    )
    expect(texts(reading)).toEqual(['one', 'two', 'three'])
    expect(reading.batches.map((batch) => batch.kind)).toEqual([
      'opened',
      'records',
      'idle',
      'records',
      'idle',
      'records',
    ])
  })

  test.each([
    ['truncated', (path: string) => truncate(path, 0).then(() => appendFile(path, 'new\n'))],
    ['renamed', (path: string) => rename(path, `${path}.1`).then(() => writeFile(path, 'new line\n'))],
  ])('a %s file goes on as the next generation', async (name, rotate) => {
    const path = await file(`${name}.log`, 'old line\n')
    let isRotated = false
    const reading = await readLines(
      new FileSource({ id: 'f', paths: [path], follow }),
      new Map(),
      (reading) => {
        if (!isRotated && texts(reading).length > 0) {
          isRotated = true
          rotate(path)
        }
        return texts(reading).length === 2
      },
    )
    expect(kindsOf(reading.batches.filter((batch) => batch.kind !== 'idle'))).toEqual([
      `opened ${name}.log`,
      `records ${name}.log`,
      `ended ${name}.log`,
      `opened ${name}.log#1`,
      `records ${name}.log#1`,
    ])
  })

  test('after a restart it goes on in the newest generation, unless the file is another one', async () => {
    const path = await file('restart.log', 'one\ntwo\n')
    const positions = (offset: number) =>
      new Map([
        [partitionKey('f', path), 70],
        [partitionKey('f', `${path}#2`), offset],
      ])
    const notices: string[] = []
    const open = () => new FileSource({ id: 'f', paths: [path], onNotice: (text) => notices.push(text) })
    const kept = await readLines(open(), positions(4))
    expect(kept.lines).toEqual(new Map([[`${path}#2`, [{ text: 'two', offset: 4 }]]]))
    expect(notices).toEqual([])
    for (const offset of [5, 900]) {
      const replaced = await readLines(open(), positions(offset))
      expect([...replaced.lines.keys()]).toEqual([`${path}#3`])
      expect(texts(replaced)).toEqual(['one', 'two'])
    }
    const rest = (offset: number) =>
      `. It is read from its start; lines that stood behind ${offset} and were not read yet may be missing`
    expect(notices).toEqual([
      `${path} is not the file that was read up to 5 before${rest(5)}`,
      `${path} has only 8 bytes and was read up to 900 before: it was truncated or replaced while nobody read it${rest(900)}`,
    ])
  })
})
