import { type FormatId, formatIds } from '../../../ingest/formats/formats.ts'

/** What stands beside a committed offset: how to read on from it. */
export interface LeftOff {
  /** Snapshot of the time gate. */
  readonly gate: string
  readonly format: FormatId | undefined
  /** Where the partition's time stood and its greatest event, epoch milliseconds. */
  readonly time: number
  readonly greatest: number
}

const version = 1

export function writeLeftOff({ gate, format, time, greatest }: LeftOff): string {
  return JSON.stringify({ version, gate, format, time: String(time), greatest: String(greatest) })
}

/** Undoes `writeLeftOff`; `undefined` for an offset that somebody else has set. Throws for one of another version. */
export function readLeftOff(metadata: string): LeftOff | undefined {
  let read: { version?: number; gate: string; format?: string; time: string; greatest: string }
  try {
    read = JSON.parse(metadata)
  } catch {
    return undefined
  }
  if (typeof read?.version !== 'number') return undefined
  if (read.version !== version) {
    throw new RangeError(
      `the committed offset is of version ${read.version}, this version of Picket reads ${version}: update this process`,
    )
  }
  const format = formatIds.find((id) => id === read.format)
  return { gate: read.gate, format, time: Number(read.time), greatest: Number(read.greatest) }
}
