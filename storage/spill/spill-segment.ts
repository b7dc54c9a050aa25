import { Buffer } from 'node:buffer'
import { constants } from 'node:fs'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import type { BatchLabel } from './batch-label.ts'
import { doneMark, headBytes, readHead, readLabel, recordStart, segmentHeader } from './spill-record.ts'

/** Where a batch lies. */
export interface Place {
  readonly segment: SpillSegment
  /** Of the record. */
  readonly start: number
  /** Of the batch in it. */
  readonly batchStart: number
  readonly batchBytes: number
  readonly batchSum: number
}

export interface LabelledBatch {
  readonly label: BatchLabel
  readonly batch: Uint8Array
}

export interface FoundBatch {
  readonly label: BatchLabel
  readonly place: Place
}

export interface Scan {
  readonly segment: SpillSegment
  /** Not yet stored, in the order in which they were written. */
  readonly waiting: readonly FoundBatch[]
  /** Cut off while it was written: known, and gone. */
  readonly torn: BatchLabel | undefined
  /** At the end, that are no record. */
  readonly ignoredBytes: number
}

/** Raised for a segment that another version of Picket wrote; it is left as it is. */
export class ForeignSegment extends Error {}

/** A file of records, appended to by one process and never after a restart. */
export class SpillSegment {
  readonly path: string
  readonly #handle: FileHandle
  #end: number
  /** Batches in it that are not stored yet. */
  waiting = 0

  private constructor(path: string, handle: FileHandle, end: number) {
    this.path = path
    this.#handle = handle
    this.#end = end
  }

  static async create(path: string): Promise<SpillSegment> {
    const handle = await open(path, 'wx+', 0o600)
    const segment = new SpillSegment(path, handle, 0)
    try {
      await segment.#write(segmentHeader, 0)
    } catch (error) {
      await segment.remove().catch(() => undefined)
      throw error
    }
    segment.#end = segmentHeader.length
    return segment
  }

  /** Reads which batches are in it; the batches themselves are read when they are sent. @throws ForeignSegment */
  static async scan(path: string): Promise<Scan> {
    const handle = await open(path, constants.O_RDWR)
    const { size } = await handle.stat()
    const segment = new SpillSegment(path, handle, size)
    const waiting: FoundBatch[] = []
    const header = await segment.#read(0, segmentHeader.length)
    const magic = segmentHeader.length - 1
    if (header.length > magic && !header.equals(segmentHeader)) {
      await handle.close()
      const known = header.subarray(0, magic).equals(segmentHeader.subarray(0, magic))
      throw new ForeignSegment(known ? `version ${header[magic]}` : 'no segment')
    }
    for (let start = segmentHeader.length; ; ) {
      const found = await segment.#recordAt(start, size)
      if (!found || found.end > size) {
        const ignoredBytes = Math.max(0, size - start)
        return { segment, waiting, torn: found && !found.isDone ? found.label : undefined, ignoredBytes }
      }
      const { label, isDone, end, place } = found
      if (!isDone) waiting.push({ label, place })
      segment.waiting = waiting.length
      start = end
    }
  }

  get bytes(): number {
    return this.#end
  }

  /** Writes batches behind the others, in one piece. After a failure nothing may be appended any more. */
  async append(batches: readonly LabelledBatch[]): Promise<Place[]> {
    const pieces: Uint8Array[] = []
    const places: Place[] = []
    let end = this.#end
    for (const { label, batch } of batches) {
      const record = recordStart(label, batch)
      const batchStart = end + record.length
      places.push({ segment: this, start: end, batchStart, batchBytes: batch.length, batchSum: crc32(batch) })
      pieces.push(record, batch)
      end = batchStart + batch.length
    }
    await this.#write(Buffer.concat(pieces), this.#end)
    this.#end = end
    return places
  }

  /** The batch, or `undefined` when the disk gives back other bytes than were written. */
  async read({ batchStart, batchBytes, batchSum }: Place): Promise<Buffer | undefined> {
    const batch = await this.#read(batchStart, batchBytes)
    return batch.length === batchBytes && crc32(batch) === batchSum ? batch : undefined
  }

  async mark({ start }: Place): Promise<void> {
    await this.#write(doneMark, start)
  }

  /** Waits until the disk has it, not only the kernel; a disk that can't say so changes nothing here. */
  async sync(): Promise<void> {
    await this.#handle.datasync().catch(() => undefined)
  }

  async close(): Promise<void> {
    await this.sync()
    await this.#handle.close()
  }

  async remove(): Promise<void> {
    await this.#handle.close()
    await rm(this.path, { force: true })
  }

  async #recordAt(start: number, size: number) {
    if (start + headBytes > size) return undefined
    const head = await this.#read(start, headBytes)
    const { isDone, labelBytes, batchBytes, batchSum } = readHead(head)
    const batchStart = start + headBytes + labelBytes
    if (batchStart > size) return undefined
    const label = readLabel(head, await this.#read(start + headBytes, labelBytes))
    if (!label) return undefined
    const place: Place = { segment: this, start, batchStart, batchBytes, batchSum }
    return { label, isDone, end: batchStart + batchBytes, place }
  }

  async #read(position: number, length: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(length)
    let filled = 0
    while (filled < length) {
      const { bytesRead } = await this.#handle.read(buffer, filled, length - filled, position + filled)
      if (bytesRead === 0) break
      filled += bytesRead
    }
    return buffer.subarray(0, filled)
  }

  async #write(bytes: Uint8Array, position: number): Promise<void> {
    let written = 0
    while (written < bytes.length) {
      const rest = bytes.length - written
      const { bytesWritten } = await this.#handle.write(bytes, written, rest, position + written)
      written += bytesWritten
    }
  }
}
