import { expect, it } from 'vitest'
import { picketConfigSchema } from '../../config/picket-config.ts'
import { eventFieldNames } from '../../core/event/event-fields.ts'
import type { RawRecord } from '../../core/ports/source.ts'
import type { FormatId } from '../../ingest/formats/formats.ts'
import { fixedPublicKey } from '../../ingest/privacy/pseudonym.ts'
import { laneOpener } from '../runtime/lanes.ts'
import { readMarks, writeMarks } from './marks.ts'
import type { PartitionLane } from './partition-lane.ts'

const config = picketConfigSchema.parse({})
const time = { watermark: 5, greatest: Number.NEGATIVE_INFINITY, watermarks: '[]' }
const combinedLine = '192.0.2.1 - ann [02/Mar/2026:09:00:00 +0000] "GET /a HTTP/1.1" 200 5 "-" "curl"'
const canonicalLine = '{"time":"2026-03-02T09:00:00Z","path":"/a","status":200}'

function openLane(marks: ReadonlyMap<string, string>, format?: FormatId): PartitionLane {
  const open = laneOpener({
    config,
    key: fixedPublicKey,
    restored: { positions: new Map(), marks },
    wanted: new Set(eventFieldNames),
  })
  return open({
    source: 'gateway',
    latenessMs: 0,
    formatOf: () => format,
    vantageOf: () => undefined,
    trustsMarksOf: () => false,
  })('access:0')
}

function take(lane: PartitionLane, ...lines: readonly string[]): void {
  const records = lines.map((line, offset): RawRecord => {
    const bytes = Buffer.from(line)
    return { bytes, start: 0, end: bytes.length, offset }
  })
  lane.take(records, lines.length)
}

function restarted(lane: PartitionLane): ReadonlyMap<string, string> {
  return new Map(writeMarks(time, new Map([[lane.key, lane.report()]])).map(({ key, value }) => [key, value]))
}

it('keeps where event time stood, infinities too', () => {
  expect(readMarks(restarted(openLane(new Map())))).toEqual(time)
  expect(readMarks(new Map())).toBeUndefined()
})

it('a restart reads on in the format that was told, whatever line comes first', () => {
  const before = openLane(new Map())
  expect(before.format).toBeUndefined()
  take(before, combinedLine)
  expect(before.format).toBe('combined')
  const after = openLane(restarted(before))
  take(after, canonicalLine, combinedLine)
  expect([after.format, after.records, after.refused]).toEqual(['combined', 2, 1])
})

it('what is configured goes before, and a format that was not told yet or is unknown is told', () => {
  const before = openLane(new Map())
  const untold = restarted(before)
  take(before, combinedLine)
  const told = restarted(before)
  const configured = openLane(told, 'canonical')
  take(configured, canonicalLine)
  expect([configured.format, configured.refused]).toEqual(['canonical', 0])
  const unknown = new Map([...told].map(([key, value]) => [key, value === 'combined' ? 'gone' : value]))
  for (const marks of [untold, unknown]) {
    const lane = openLane(marks)
    take(lane, canonicalLine)
    expect([lane.format, lane.refused]).toEqual(['canonical', 0])
  }
})
