import { mkdir, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import type { BatchLabel } from './batch-label.ts'
import {
  ForeignSegment,
  type FoundBatch,
  type LabelledBatch,
  type Place,
  SpillSegment,
} from './spill-segment.ts'

const segmentBytesDefault = 64 * 1024 * 1024
/** Rows repeat themselves: the fastest level takes them to a fifth, off the main thread. */
const compression = { level: 1 }
/** No batch is larger; a file that says so is not ours. */
const batchBytesMax = 1024 * 1024 * 1024

/** What an earlier process left in the folder. */
export interface OpenedDiskQueue {
  readonly queue: DiskQueue
  /** Oldest first. */
  readonly waiting: readonly FoundBatch[]
  /** Cut off by a crash while they were written. */
  readonly torn: readonly BatchLabel[]
  /** What a person should know. */
  readonly notices: readonly string[]
}

/**
 * Batches in files, in order. A batch is written when `append` resolves: it outlives kill -9 of the process, for the
 * kernel has it. Files are synced when they are full and on `close` only, so a power cut may cost what the kernel had
 * not written yet, usually the last half minute. What is stored is marked in place and its file removed once all of
 * it is; a mark that is lost leads to a batch sent again under its token.
 */
export class DiskQueue {
  readonly #folder: string
  readonly #segmentBytes: number
  readonly #segments = new Set<SpillSegment>()
  /** Of files that are not ours to read. */
  #foreignBytes = 0
  #current: SpillSegment | undefined
  #next = 1

  private constructor(folder: string, segmentBytes: number) {
    this.#folder = folder
    this.#segmentBytes = segmentBytes
  }

  static async open(folder: string, segmentBytes = segmentBytesDefault): Promise<OpenedDiskQueue> {
    // Copies of raw events are for the owner's eyes only.
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const queue = new DiskQueue(folder, segmentBytes)
    const [waiting, torn, notices]: [FoundBatch[], BatchLabel[], string[]] = [[], [], []]
    for (const name of (await readdir(folder)).filter((file) => /^\d{10}\.spill$/.test(file)).sort()) {
      queue.#next = Number.parseInt(name, 10) + 1
      try {
        const scan = await SpillSegment.scan(join(folder, name))
        waiting.push(...scan.waiting)
        if (scan.torn) torn.push(scan.torn)
        else if (scan.ignoredBytes > 0)
          notices.push(`${name} ends with ${scan.ignoredBytes} bytes of no batch`)
        if (scan.waiting.length > 0) queue.#segments.add(scan.segment)
        else await scan.segment.remove()
      } catch (error) {
        if (!(error instanceof ForeignSegment)) throw error
        queue.#foreignBytes += (await stat(join(folder, name))).size
        const advice = 'start the Picket that wrote it, or remove the file and do without these copies'
        notices.push(`${join(folder, name)} is of another format (${error.message}): ${advice}`)
      }
    }
    return { queue, waiting, torn, notices }
  }

  /** What the files take. */
  get bytes(): number {
    let bytes = this.#foreignBytes
    for (const segment of this.#segments) bytes += segment.bytes
    return bytes
  }

  /** Writes batches behind all others, in their order; one call at a time. Rejects when the disk is full or broken. */
  async append(batches: readonly LabelledBatch[]): Promise<Place[]> {
    const packed = await Promise.all(
      batches.map(async ({ label, batch }) => ({ label, batch: await promisify(gzip)(batch, compression) })),
    )
    const segment = await this.#claim(batches.length)
    try {
      return await segment.append(packed)
    } catch (error) {
      // What is half written ends this file; the next batch begins another.
      segment.waiting -= batches.length
      this.#current = undefined
      if (segment.waiting === 0) await this.#remove(segment)
      throw error
    }
  }

  /** The batch, or `undefined` when the disk gives back other bytes than were written. */
  async read(place: Place): Promise<Uint8Array | undefined> {
    const packed = await place.segment.read(place)
    return packed && promisify(gunzip)(packed, { maxOutputLength: batchBytesMax })
  }

  /** The batch is stored elsewhere, or given up. */
  async done(place: Place): Promise<void> {
    const { segment } = place
    await segment.mark(place).catch(() => undefined)
    segment.waiting--
    if (segment.waiting > 0) return
    if (this.#current === segment) this.#current = undefined
    await this.#remove(segment)
  }

  async close(): Promise<void> {
    this.#current = undefined
    for (const segment of this.#segments) await segment.close()
    this.#segments.clear()
  }

  /** The file to append to, which stays until so many batches that it was claimed for are done. */
  async #claim(batches: number): Promise<SpillSegment> {
    const current = this.#current
    if (current && current.bytes < this.#segmentBytes) {
      current.waiting += batches
      return current
    }
    await current?.sync()
    const name = `${String(this.#next++).padStart(10, '0')}.spill`
    const segment = await SpillSegment.create(join(this.#folder, name))
    segment.waiting += batches
    this.#segments.add(segment)
    this.#current = segment
    return segment
  }

  async #remove(segment: SpillSegment): Promise<void> {
    this.#segments.delete(segment)
    await segment.remove().catch(() => undefined)
  }
}
