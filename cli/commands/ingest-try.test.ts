import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { formatIds as configured } from '../../config/schema/source-values.ts'
import { formatIds } from '../../ingest/formats/formats.ts'
import { runPicket } from '../testing/run-picket.ts'

const folder = mkdtempSync(join(tmpdir(), 'picket-ingest-try-'))
afterAll(() => rmSync(folder, { recursive: true }))

const sample = (path: string) => join(import.meta.dirname, '../../ingest/formats', path)
const kongLog = sample('kong/samples/http-log.log')

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const tried = (...args: string[]) => runPicket('ingest', 'try', ...args)

async function triedJson(...args: string[]) {
  const { out, code, err } = await tried('--json', ...args)
  const rows = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  return { rows, summary: rows.at(-1) ?? {}, code, err }
}

it('a source may name every format', () => {
  expect([...configured].sort()).toEqual([...formatIds].sort())
})

describe('lines', () => {
  it('shows keys, fields and values, what was dropped and why, and no secret', async () => {
    const { out, code } = await tried(kongLog)
    expect(code).toBe(0)
    expect(out).toContain(`${kongLog}, line 1 at byte 0: kong`)
    expect(out).toMatch(/consumer\.username +principal\.id +ann +with authenticated_entity\.id/)
    expect(out).toMatch(
      /request\.uri +path +\/orders\/1001 +query without expand, apikey: not in ingest\.query_allow/,
    )
    expect(out).toMatch(/dropped \(names of its kind hold credentials\): .*request\.headers\.cookie/)
    expect(out).not.toContain('not-for-us')
    expect(out).toContain('2 lines: 2 events, 0 skipped, 0 refused')
    expect(out).toContain('jti-reuse will not work: no token.jti')
    expect(out).toMatch(/next: .*\nnext: judge the whole log: picket replay FILE\n$/)
  })

  it('reads .gz, so many lines of each file, blank ones left out', async () => {
    const text = `\n${readFileSync(kongLog, 'utf8').split('\n')[0]}\n\n`.repeat(30)
    const { rows, summary } = await triedJson(file('a.log.gz', gzipSync(text)), kongLog, '--lines', '3')
    expect(rows.slice(0, -1).map(({ line, outcome }) => [line, outcome])).toEqual([
      [1, 'event'],
      [2, 'event'],
      [3, 'event'],
      [1, 'event'],
      [2, 'event'],
    ])
    expect(summary).toMatchObject({ type: 'summary', lines: 5, events: 5, formats: ['kong'] })
  })

  it('counts no headings, and tells the format from lines that tell it', async () => {
    const log = sample('cloudfront/samples/standard.log')
    const { rows, summary, code } = await triedJson(log, '-n', '1')
    expect(code).toBe(0)
    expect(rows.slice(0, -1).map(({ line, format, outcome }) => [line, format, outcome])).toEqual([
      [1, 'cloudfront', 'skip'],
      [2, 'cloudfront', 'skip'],
      [3, 'cloudfront', 'event'],
    ])
    expect(summary).toMatchObject({ lines: 3, events: 1 })
    const rubbish = await triedJson(
      file('rubbish.log', `rubbish\n${readFileSync(kongLog, 'utf8')}`),
      '-n',
      '1',
    )
    expect(rubbish.rows[0]).toMatchObject({ format: 'kong', outcome: 'refused' })
  })

  it('writes what an attacker wrote as plain text, and accounts as pseudonyms', async () => {
    const line = { time: 1, 'client.user_agent': '\u001b[2J\u202e', 'auth.account': 'ann', '\u001b[31m': 1 }
    const path = file('hostile.ndjson', JSON.stringify(line))
    const { out } = await tried(path)
    expect(out).not.toMatch(/[\u001b\u202e]/)
    expect(out).toMatch(/auth\.account +auth\.account +k1:/)
    const { rows } = await triedJson(path)
    expect(rows[0]).toMatchObject({
      fields: expect.arrayContaining([expect.objectContaining({ key: 'time' })]),
    })
  })

  it('says what was cut', async () => {
    const line = { time: 1, client: { user_agent: 'a'.repeat(3000) } }
    const { out } = await tried(file('long.ndjson', JSON.stringify(line)))
    expect(out).toContain('cut to 2048 of 3000 characters')
  })
})

describe('refusals', () => {
  it('shows reason and detail, counts by reason, and ends with 1 when nothing is an event', async () => {
    const path = file('bad.log', '{"start_time":"noon","response_code":200}\n{"a":\n')
    const { out, code, err } = await tried(path, '--format', 'envoy')
    expect(code).toBe(1)
    expect(out).toContain(`${path}, line 1 at byte 0: envoy, refused: time_invalid: time: expected`)
    expect(out).toContain('2 lines: 0 events, 0 skipped, 2 refused (1 time_invalid, 1 not_parsable)')
    expect(out).not.toContain('What detectors will see')
    expect(err).toContain('no line is an event')
  })

  it('asks for another file where all lines are comments', async () => {
    const { out, code } = await tried(
      file('headings.log', '#Version: 1.0\n#Fields: date time x-edge-location\n'),
    )
    expect(code).toBe(1)
    expect(out).toContain('next: give a file with events in it: these are comments')
  })

  it('says when no format fits, when a file is missing, empty or of another kind', async () => {
    const unknown = await tried(file('unknown.log', 'hello\n'))
    expect(unknown).toMatchObject({
      code: 1,
      out: expect.stringContaining('format unknown, refused: not_parsable'),
    })
    expect(unknown.out).toContain('next: name the format with --format')
    expect(await tried(join(folder, 'absent.log'))).toMatchObject({
      code: 1,
      err: expect.stringContaining('absent.log'),
    })
    expect(await tried(file('empty.log', ''))).toMatchObject({ code: 1 })
    const zstd = file('a.log.zst', Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0x0a]))
    expect((await tried(zstd)).err).toContain('zstd -dc')
    expect(await tried('kafka://h:1/t')).toMatchObject({ code: 2 })
  })

  it('goes on behind a refused line', async () => {
    const { summary, code } = await triedJson(file('mixed.ndjson', '{"time":1}\nx\n{"time":2}\n'))
    expect(code).toBe(0)
    expect(summary).toMatchObject({ lines: 3, events: 2, refused: { not_parsable: 1 } })
  })
})

describe('mapping', () => {
  it('reads the mapping of the configuration, for every format', async () => {
    const line = { started_at: 1, meta: { jti: 't-1', who: 'ann' } }
    const path = file('mapped.log', JSON.stringify(line))
    const bare = await triedJson(path, '--format', 'kong')
    expect(bare.summary.next).toContainEqual(
      expect.stringContaining('ingest.kong.fields: { token.jti: meta.jti }'),
    )
    const config = file('picket.yaml', 'ingest:\n  kong:\n    fields:\n      token.jti: meta.jti\n')
    const { rows, summary } = await triedJson(path, '--format', 'kong', '--config', config)
    expect(rows[0]).toMatchObject({
      fields: expect.arrayContaining([
        expect.objectContaining({ key: 'meta.jti', field: 'token.jti', value: 't-1' }),
      ]),
    })
    expect(summary.seen).toContain('token.jti')
  })

  it('passes each format its own settings', async () => {
    for (const [format, line] of [
      ['nginx-json', { msec: '1', who: 'ann' }],
      ['aws-waf', { timestamp: 1, who: 'ann' }],
    ] as const) {
      const config = file(`${format}.yaml`, `ingest:\n  ${format}:\n    fields:\n      principal.id: who\n`)
      const { rows } = await triedJson(
        file(`${format}.log`, JSON.stringify(line)),
        '--format',
        format,
        '--config',
        config,
      )
      expect(rows[0]).toMatchObject({
        fields: expect.arrayContaining([expect.objectContaining({ value: 'ann' })]),
      })
    }
  })
})
