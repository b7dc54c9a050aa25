import { partitionKey } from '../../core/event/position.ts'
import type { Mark } from '../../core/ports/state-store.ts'
import { type FormatId, formatIds } from '../../ingest/formats/formats.ts'
import type { LaneReport } from './partition-lane.ts'

/** Where event time stood at the last commit. */
export interface TimeMarks {
  /** The engine's: everything before it is sealed. */
  readonly watermark: number
  /** Greatest accepted event time: after a restart into silence, time goes on from here. */
  readonly greatest: number
  /** Snapshot of the partitions' watermarks. */
  readonly watermarks: string
}

const timeKey = 'time'
const gatePrefix = 'gate:'
const formatPrefix = 'format:'

/** What must commit with the panes: without it a restart would seal at other places. `lanes` by partition key. */
export function writeMarks(
  time: TimeMarks,
  lanes: ReadonlyMap<string, Pick<LaneReport, 'gate' | 'format'>>,
): Mark[] {
  // JSON has no infinities: before the first event and after the end of all input.
  const watermark = String(time.watermark)
  const greatest = String(time.greatest)
  const ofLanes = [...lanes].flatMap(([key, { gate, format }]) => [
    { key: gatePrefix + key, value: gate },
    ...(format === undefined ? [] : [formatMark(key, format)]),
  ])
  return [{ key: timeKey, value: JSON.stringify({ ...time, watermark, greatest }) }, ...ofLanes]
}

/** Says by which format a partition (its `partitionKey`) is read. */
export function formatMark(key: string, format: FormatId): Mark {
  return { key: formatPrefix + key, value: format }
}

/** The marks of the last commit; `undefined` before the first. */
export function readMarks(marks: ReadonlyMap<string, string>): TimeMarks | undefined {
  const text = marks.get(timeKey)
  if (text === undefined) return undefined
  const { watermark, greatest, watermarks } = JSON.parse(text) as Record<keyof TimeMarks, string>
  return { watermark: Number(watermark), greatest: Number(greatest), watermarks }
}

/** The time gate's snapshot of a partition. */
export function readGate(
  marks: ReadonlyMap<string, string>,
  source: string,
  partition: string,
): string | undefined {
  return marks.get(gatePrefix + partitionKey(source, partition))
}

/** The format by which a partition was read; `undefined` when it was not yet told, or this version doesn't know it. */
export function readFormat(
  marks: ReadonlyMap<string, string>,
  source: string,
  partition: string,
): FormatId | undefined {
  const stored = marks.get(formatPrefix + partitionKey(source, partition))
  return formatIds.find((id) => id === stored)
}
