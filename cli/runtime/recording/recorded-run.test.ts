import { expect, it } from 'vitest'
import type { ControlEntry } from '../../../core/manifest/control-log.ts'
import { PartitionRanges } from '../reread/partition-ranges.ts'
import { NotRecorded, recordedRun } from './recorded-run.ts'

const cut = (at: number, offset?: number): ControlEntry => ({
  kind: 'cut',
  at,
  positions: offset === undefined ? [] : [['a', offset]],
})
const manifest = (digest: string, sources = 's'): ControlEntry => ({
  kind: 'manifest',
  at: 0,
  digest,
  sources,
})
const run = (...control: ControlEntry[]) =>
  recordedRun({ control, watermark: 90, positions: new Map([['a', 40]]) })

it('is one era over restarts that change nothing, and another with each manifest or way of reading', () => {
  const { eras } = run(
    cut(0),
    manifest('m'),
    cut(10, 5),
    cut(12, 9),
    manifest('m'),
    cut(20, 12),
    manifest('n'),
    cut(30, 20),
    manifest('n', 't'),
  )
  expect(eras.map(({ manifest: name, sources }) => `${name} ${sources}`)).toEqual(['m s', 'n s', 'n t'])
  expect(eras[0]?.cuts.map(({ at }) => at)).toEqual([10, 12, 20])
  expect(eras[2]?.cuts).toEqual([{ at: 90, positions: [['a', 40]] }])
})

it('refuses a record that does not begin with the first event, or that there is none of', () => {
  expect(() => run(manifest('m'), cut(10, 5), manifest('m'))).toThrow(/judged by an older Picket/)
  expect(() => run()).toThrow(NotRecorded)
})

it('finds the range that an offset lies in', () => {
  const ranges = new PartitionRanges([
    { partition: 'a', from: 5, to: 8 },
    { partition: 'a', from: 8, to: 9 },
    { partition: 'b', from: 0, to: 1 },
    { partition: 'a', from: 20, to: 30 },
  ])
  const at = (offset: number) => ranges.find('a', offset)?.from
  expect([4, 5, 7, 8, 9, 19, 20, 29, 30].map(at)).toEqual([
    undefined,
    5,
    5,
    8,
    undefined,
    undefined,
    20,
    20,
    undefined,
  ])
  expect(ranges.find('c', 0)).toBeUndefined()
  const ends = [4, 5, 8, 9, 20, 30].map((offset) => ranges.endOf('a', offset))
  expect(ends).toEqual([5, 8, 9, 20, 30, Number.POSITIVE_INFINITY])
})
