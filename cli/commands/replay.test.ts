import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { runPicket } from '../testing/run-picket.ts'

const folder = mkdtempSync(join(tmpdir(), 'picket-replay-'))
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const event = '{"time":"2026-03-02T09:00:00Z","path":"/","status":200}\n'
const zstd = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 10, 1, 2, 3, 10)

describe('picket replay of what cannot be read', () => {
  it.each([
    ['a missing file', () => join(folder, 'missing.log'), 'there is no such file'],
    [
      'lines that are no events',
      () => file('prose.log', 'one\ntwo\n'),
      'so nothing was judged: name the format with --format',
    ],
    ['zstd', () => file('a.log.zst', zstd), 'is compressed with zstd, which Picket does not read: zstd -dc'],
    ['zstd that is called gzip', () => file('a.log.gz', zstd), 'is compressed with zstd'],
    [
      'prose that is called gzip',
      () => file('prose.gz', 'one\n'),
      'prose.gz is not gzip, whatever its name says',
    ],
  ])('%s: ends with 1, says why, and prints no result', async (_what, path, why) => {
    for (const json of [[], ['--json']]) {
      const ran = await runPicket('replay', path(), ...json)
      expect(ran).toMatchObject({ code: 1, out: '' })
      expect(ran.err).toContain(why)
    }
  })

  it('still prints what was found when only a part was missing', async () => {
    const ran = await runPicket('replay', file('there.ndjson', event.repeat(20)), join(folder, 'missing.log'))
    expect(ran).toMatchObject({ code: 1, out: expect.stringContaining('no findings') })
  })
})

it('picket replay reads gzip whatever a file is called, and plain text called gzip', async () => {
  for (const path of [file('zipped.log', gzipSync(event.repeat(20))), file('plain.gz', event.repeat(20))]) {
    const ran = await runPicket('replay', path)
    expect(ran).toMatchObject({ code: 0, out: 'no findings\n', err: expect.stringContaining('20 events') })
  }
})

it('an empty file holds no findings', async () => {
  expect(await runPicket('replay', file('empty.log', ''))).toMatchObject({ code: 0, out: 'no findings\n' })
})
