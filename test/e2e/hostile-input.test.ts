import { Buffer } from 'node:buffer'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { picket } from './picket-process.ts'

const attack = readFileSync(
  join(import.meta.dirname, '..', '..', 'detectors', 'sequential-enumeration', 'fixtures', 'attack.ndjson'),
  'utf8',
)
  .trim()
  .split('\n')
const time = (JSON.parse(attack[300] ?? '{}') as { time: string }).time
const ansi = '\u001b[2J\u001b[31mroot\u001b]0;pwned\u0007\r\n\u202egnp.exe'

/** One of each, many times over, between the lines of an attack. */
const hostile: readonly (string | Buffer)[] = [
  'x'.repeat(1_000_000),
  `{"time":"${time}","path":"/${'a'.repeat(1_000_000)}"}`,
  Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x80, 0x22, 0x3a, 0x31, 0x7d]),
  Buffer.concat([
    Buffer.from(`{"time":"${time}","path":"/`),
    Buffer.from([0xc3, 0x28, 0xff]),
    Buffer.from('"}'),
  ]),
  '['.repeat(100_000),
  `{"time":"${time}","a":${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}}`,
  `{"time":1,"time":"${time}","status":200,"status":"x"}`,
  `{"time":"${time}","__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}`,
  '{"time":"1970-01-01T00:00:00Z","path":"/"}',
  '{"time":"2100-01-01T00:00:00Z","path":"/"}',
  '{"time":1e308}',
  `{"time":"${time}","client":{"ip":"203.0.113.9","user_agent":${JSON.stringify(ansi)}},"principal":{"id":${JSON.stringify(ansi)}},"path":${JSON.stringify(ansi)}}`,
  `{"time":"${time}"`,
  `{"${'REQ('.repeat(7000)}x${')'.repeat(7000)}":1}`,
  'null',
  '\u0000\u0000\u0000',
  '',
]

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'picket-hostile-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function writeHostile(): string {
  const file = join(folder, 'hostile.ndjson')
  const parts = attack.flatMap((line, index) => {
    const bad = index % 20 === 19 ? [hostile[Math.floor(index / 20) % hostile.length] ?? ''] : []
    return [line, ...bad].map((part) => Buffer.concat([Buffer.from(part), Buffer.from('\n')]))
  })
  writeFileSync(file, Buffer.concat(parts))
  return file
}

it('hostile lines are refused or harmless, and the attack between them is found all the same', async () => {
  const file = writeHostile()
  const { code, stdout, stderr } = await picket(['replay', file])
  expect(code, stderr).toBe(0)
  expect(stdout).toContain('principal mallory')
  expect(stderr).toMatch(/\d+ refused \(.*not_parsable.*\)/)
  for (const reason of ['too_long', 'too_deep', 'time_step']) expect(stderr).toContain(reason)
}, 60_000)

it('rubbish at the start of a log does not hide what it is', async () => {
  const file = join(folder, 'rubbish.ndjson')
  const pill = `{"${'REQ('.repeat(7000)}x${')'.repeat(7000)}":1}`
  writeFileSync(
    file,
    [pill, ...Array.from({ length: 120 }, () => '\u0016\u0003 rubbish'), ...attack].join('\n'),
  )
  const { code, stdout, stderr } = await picket(['replay', file])
  expect(code, stderr).toBe(0)
  expect(stdout).toContain('principal mallory')
  expect(stderr).toContain('121 refused')
}, 60_000)

it('what an attacker wrote is shown, not obeyed', async () => {
  const file = join(folder, 'ansi.ndjson')
  const named = attack.map((line) => line.replaceAll('"mallory"', JSON.stringify(ansi)))
  writeFileSync(file, named.join('\n'))
  const table = await picket(['replay', file])
  expect(table.stdout).toContain('\\u{1b}[2J')
  expect(table.stdout + table.stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/)
  const json = await picket(['replay', file, '--json'])
  expect(json.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/)
  for (const line of json.stdout.trim().split('\n')) {
    expect((JSON.parse(line) as { entity: { id: string } }).entity.id).toContain('root')
  }
}, 60_000)

it('what run refused is told at its end, kept, and shown without being obeyed', async () => {
  const config = join(folder, 'picket.yaml')
  writeFileSync(
    config,
    `{ data_dir: ./state, sources: [{ type: file, paths: ['${writeHostile()}'] }], clickhouse: { embedded: false } }`,
  )
  const ran = await picket(['run', '--config', config])
  expect(ran.code, ran.stderr).toBe(0)
  expect(ran.stderr).toContain(
    `picket dead-letters list --data-dir ${join(folder, 'state')} shows what was refused`,
  )
  const list = (...args: string[]) => picket(['dead-letters', 'list', '--config', config, ...args])
  const longest = await list('--reason', 'too_long', '--limit', '1')
  expect(longest.stdout).toMatch(
    /^POSITION.*\nfile:.*hostile\.ndjson.* +too_long +the line is longer than 64 KiB +.*…\n$/,
  )
  const all = await list('--limit', '10000')
  expect(all.stdout.trim().split('\n').length).toBeGreaterThan(20)
  expect(all.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/)
}, 60_000)
