import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { picketConfigSchema } from '../../../config/picket-config.ts'
import type { SourceConfig } from '../../../config/schema/sources.ts'
import { recordBytes } from '../../../core/ports/source.ts'
import { openReaders } from './record-reader.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'picket-reread-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const sourceOf = (source: object) =>
  picketConfigSchema.parse({ sources: [source] }).sources[0] as SourceConfig
const nothing = { positions: new Map<string, number>(), marks: new Map<string, string>() }

async function textOf(
  config: SourceConfig,
  partition: string,
  to: number,
  before = nothing,
): Promise<string> {
  const { signal } = new AbortController()
  const [reader] = openReaders(config, [{ partition, from: 0, to }], before, signal)
  let text = ''
  for await (const { records } of reader?.batches ?? [])
    for (const record of records) text += Buffer.from(recordBytes(record)).toString()
  return text
}

it('takes a file whose own name looks like a later file of another for itself', async () => {
  const [plain, hostile] = [join(folder, 'a'), join(folder, 'a#1')]
  writeFileSync(plain, 'plain\n')
  writeFileSync(hostile, 'other\n')
  const config = sourceOf({ type: 'file', paths: [plain, hostile] })
  expect(await textOf(config, hostile, 6)).toBe('other')
  expect(await textOf(config, plain, 6)).toBe('plain')
  // Where only the first is configured it is the second file that was read under that path.
  expect(await textOf(sourceOf({ type: 'file', paths: [plain] }), hostile, 6)).toBe('plain')
})

it('says of what was sent that nobody keeps it', async () => {
  const config = sourceOf({ type: 'http', listen: { port: 1 }, token: 'none' })
  await expect(textOf(config, 'events', 6)).rejects.toThrow(/source http is of type http.*nobody keeps it/)
})
