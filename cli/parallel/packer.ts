import type { Event } from '../../core/event/event.ts'
import type { Located, PartitionLane } from '../pipeline/partition-lane.ts'
import type { EventsMessage, LaneData } from './thread-messages.ts'

/** Numbers of a line: its lane, and where it starts and ends in the parcel. */
export const lineSize = 3

/** Decoders read lines in place where a line feed and some room lie behind them, as in a file. */
const lf = 0x0a
const spareBytes = 16

/** Copies accepted events for another thread: their lines, because decoding again costs less than copying objects. */
export class Packer {
  readonly #lanes = new Map<PartitionLane, number>()

  /** The events of one part, still valid; the message owns its memory. */
  pack(items: readonly Located[]): EventsMessage {
    const lanes: LaneData[] = []
    const held: Event[] = []
    const lines = new Int32Array(items.length * lineSize)
    const bytes = new Uint8Array(bytesOf(items))
    let at = 0
    let used = 0
    for (const { raw, event, lane } of items) {
      if (raw === undefined) {
        held.push({ ...event })
        continue
      }
      const length = raw.end - raw.start
      bytes.set(raw.bytes.subarray(raw.start, raw.end), used)
      bytes[used + length] = lf
      lines[at++] = this.#numberOf(lane, lanes)
      lines[at++] = used
      lines[at++] = used + length
      used += length + 1
    }
    return { kind: 'events', bytes: bytes.buffer, lines: lines.subarray(0, at), lanes, held }
  }

  #numberOf(lane: PartitionLane, added: LaneData[]): number {
    const known = this.#lanes.get(lane)
    if (known !== undefined) return known
    const { format, completion } = lane
    if (format === undefined) throw new Error(`unreachable: ${lane.partition} gave events without a format`)
    const number = this.#lanes.size
    this.#lanes.set(lane, number)
    added.push({ format, ...completion })
    return number
  }
}

function bytesOf(items: readonly Located[]): number {
  let bytes = spareBytes
  for (const { raw } of items) if (raw !== undefined) bytes += raw.end - raw.start + 1
  return bytes
}
