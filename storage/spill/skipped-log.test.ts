import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { BatchLabel } from './batch-label.ts'
import { SkippedLog } from './skipped-log.ts'
import { readSkipped, type SkippedRange } from './skipped-range.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'picket-skipped-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

function label(first: number, partition = 't:0'): BatchLabel {
  const ranges = [{ source: 'gateway\n"}', partition, first, last: first + 9, rows: 10 }]
  return { table: 'events', token: 't', space: 's', lane: 'live', rows: 10, parts: 1, ranges }
}

async function recorded(path: string): Promise<SkippedRange[]> {
  const ranges: SkippedRange[] = []
  for await (const range of readSkipped(path)) ranges.push(range)
  return ranges
}

const line = (first: number, reason = 'full', partition = 't:0') => ({
  table: 'events',
  space: 's',
  lane: 'live',
  source: 'gateway\n"}',
  partition,
  first,
  last: first + 9,
  rows: 10,
  reason,
})

describe('the record of skipped ranges', () => {
  it('is empty without a file', async () => {
    const log = await SkippedLog.open(folder)
    expect([log.rows, await recorded(log.path)]).toEqual([0, []])
  })

  it('keeps ranges over restarts, in order, each on a line', async () => {
    const first = await SkippedLog.open(folder)
    first.add(label(0), 'full')
    first.add(label(10), 'refused')
    await first.flush()
    const second = await SkippedLog.open(folder)
    second.add(label(20, 't:1'), 'torn')
    await second.flush()
    expect(await recorded(second.path)).toEqual([line(0), line(10, 'refused'), line(20, 'torn', 't:1')])
    expect((await SkippedLog.open(folder)).rows).toBe(30)
  })

  it('survives a line that was cut off at any byte', async () => {
    const whole = `${JSON.stringify(line(0))}\n`
    const path = join(folder, 'skipped.ndjson')
    for (let size = 0; size < whole.length - 1; size++) {
      appendFileSync(path, whole.slice(0, size))
      const log = await SkippedLog.open(folder)
      log.add(label(10), 'full')
      await log.flush()
      expect(await recorded(path), `cut at ${size}`).toEqual([line(10)])
      rmSync(path)
    }
  })

  it('waits in memory while the file cannot be written, within a bound, and loses nothing', async () => {
    const log = await SkippedLog.open(folder)
    mkdirSync(log.path)
    for (let first = 0; first < 50_000; first += 10) log.add(label(first, `t:${first % 3}`), 'full')
    await log.flush()
    expect([log.rows, log.isWritten]).toEqual([50_000, false])
    rmSync(log.path, { recursive: true })
    await log.flush()
    expect(log.isWritten).toBe(true)
    const ranges = await recorded(log.path)
    expect(ranges.length).toBeLessThanOrEqual(1003)
    expect(ranges.reduce((sum, { rows }) => sum + rows, 0)).toBe(50_000)
    const covers = (offset: number) =>
      ranges.some(
        ({ partition, first, last }) =>
          partition === `t:${offset % 3}` && first <= offset && offset + 9 <= last,
      )
    for (let first = 0; first < 50_000; first += 10) expect(covers(first)).toBe(true)
    expect(readFileSync(log.path, 'utf8').endsWith('\n')).toBe(true)
  })
})
