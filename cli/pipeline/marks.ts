import { partitionKey } from '../../core/event/position.ts'
import type { Mark } from '../../core/ports/state-store.ts'
import type { PartitionLane } from './partition-lane.ts'

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

/** What must commit with the panes: without it a restart would seal at other places. */
export function writeMarks(time: TimeMarks, lanes: readonly PartitionLane[]): Mark[] {
  // JSON has no infinities: before the first event and after the end of all input.
  const watermark = String(time.watermark)
  const greatest = String(time.greatest)
  const gates = lanes.map((lane) => ({
    key: gatePrefix + partitionKey(lane.source, lane.partition),
    value: lane.gate.snapshot(),
  }))
  return [{ key: timeKey, value: JSON.stringify({ ...time, watermark, greatest }) }, ...gates]
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
