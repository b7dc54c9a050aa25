import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
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
    [
      'JSON whose time has another name',
      () => file('when.ndjson', '{"when":"2026-03-02T09:00:00Z","a":1}\n'),
      'when can be read as one: --format nginx-json with ingest.nginx-json.fields: { time: when }',
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
    expect(ran).toMatchObject({
      code: 1,
      out: 'Nothing was found in the part that could be read.\nReading broke off, so this is not the whole.\n',
    })
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

it('says that a file which breaks off was not judged as a whole', async () => {
  const zipped = gzipSync(event.repeat(2000) + randomBytes(50_000).toString('base64'))
  const { code, out, err } = await runPicket('replay', file('cut.gz', zipped.subarray(0, zipped.length / 2)))
  expect(code).toBe(1)
  expect(out).not.toContain('no findings')
  expect(out).toContain('not the whole')
  expect(err).toContain('cut.gz')
})

describe('refused inputs of picket replay', () => {
  const prose = 'password=hunter2 not an event\n'
  const lines = `${event.repeat(20)}${prose.repeat(5)}[1]\n{"time":"soon"}\n{"path":"/","status":200}\n`

  it('are shown by an example of each reason, with its place', async () => {
    const { err } = await runPicket('replay', file('mixed.ndjson', lines))
    for (const reason of ['not_parsable', 'not_an_object', 'time_invalid', 'time_missing']) {
      expect(err.match(new RegExp(`at byte \\d+: ${reason}: `, 'g'))).toHaveLength(1)
    }
    expect(err).toContain(`at byte ${lines.indexOf('[1]')}: not_an_object`)
  })

  it('all go to the file of --dead-letters, credentials masked', async () => {
    const path = join(folder, 'refused.ndjson')
    const input = file('mixed.ndjson', lines)
    expect(await runPicket('replay', input, '--dead-letters', path)).toMatchObject({ code: 0 })
    const letters = readFileSync(path, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { readonly offset: number; readonly reason: string })
    expect(letters).toHaveLength(8)
    expect(letters[0]).toEqual({
      source: 'file',
      partition: input,
      offset: event.length * 20,
      reason: 'not_parsable',
      detail: expect.any(String),
      raw: expect.not.stringContaining('hunter2'),
    })
    expect(letters.map(({ reason }) => reason).slice(5)).toEqual([
      'not_an_object',
      'time_invalid',
      'time_missing',
    ])
  })

  it('never go over a file that is there', async () => {
    const input = file('kept.ndjson', lines)
    const ran = await runPicket('replay', input, '--dead-letters', input)
    expect(ran).toMatchObject({ code: 2, out: '', err: expect.stringContaining('nothing is written over') })
    expect(readFileSync(input, 'utf8')).toBe(lines)
  })
})
