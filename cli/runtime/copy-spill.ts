import { setTimeout as sleep } from 'node:timers/promises'
import type { BatchLabel } from '../../storage/spill/batch-label.ts'
import type { DiskQueue } from '../../storage/spill/disk-queue.ts'
import type { KeptRows } from '../../storage/spill/kept-rows.ts'
import type { SkippedLog } from '../../storage/spill/skipped-log.ts'
import type { FoundBatch, Place } from '../../storage/spill/spill-segment.ts'
import type { CopyBatch } from './copy-batch.ts'

/** A batch between the copier and the store. */
export interface WaitingBatch {
  readonly label: BatchLabel
  /** Absent when it is on disk alone. */
  bytes: Uint8Array | undefined
  place: Place | undefined
  isDone: boolean
}

/**
 * Partitions that the batches on disk may touch: fewer than a table's deduplication window holds, so that even all of
 * them sent again add nothing.
 */
export const spillPartsMax = 16_000
const retryMsDefault = 5000
/**
 * Written in one go: each go takes some turns of a loop that is busy judging, and one batch a go would fill memory with
 * the others. As many as this are some megabytes, 64 at most.
 */
const batchesAtOnce = 16

export interface CopySpillOptions {
  readonly disk: DiskQueue
  readonly skipped: SkippedLog
  readonly kept: KeptRows
  /** What an earlier process left. */
  readonly found: readonly FoundBatch[]
  readonly bytesMax: number
  readonly partsMax?: number
  /** After so long a disk that took nothing is tried again. */
  readonly retryMs?: number
  readonly report: (problem: string) => void
}

export function waitingInMemory({ label, bytes }: CopyBatch): WaitingBatch {
  return { label, bytes, place: undefined, isDone: false }
}

/** The disk behind a queue of copies: once it is needed everything goes through it, in order, until all is sent. */
export class CopySpill {
  readonly skipped: SkippedLog
  readonly kept: KeptRows
  /** From an earlier process, oldest first. */
  readonly left: readonly WaitingBatch[]
  readonly #options: CopySpillOptions
  readonly #unwritten: WaitingBatch[] = []
  readonly #closing = new AbortController()
  #parts = 0
  #writing: Promise<void> | undefined
  #ending: Promise<void> = Promise.resolve()
  isOn: boolean
  /** The disk took nothing when it was tried last. */
  isBroken = false

  constructor(options: CopySpillOptions) {
    this.#options = options
    this.skipped = options.skipped
    this.kept = options.kept
    this.left = options.found.map(({ label, place }) => ({ label, place, bytes: undefined, isDone: false }))
    for (const { label } of this.left) this.#parts += label.parts
    this.isOn = this.left.length > 0
  }

  /** What the files take. */
  get bytes(): number {
    return this.#options.disk.bytes
  }

  /** So many batches wait that fewer and larger ones are better. */
  get isCrowded(): boolean {
    const { partsMax = spillPartsMax } = this.#options
    return this.isOn && this.#parts > partsMax / 4
  }

  /** Nothing is on its way to the disk. */
  get isWritten(): boolean {
    return this.#unwritten.length === 0
  }

  /** Whether a batch fits besides `bytes` that are on their way, its own included. `share`: of the whole bound. */
  hasRoom({ parts }: BatchLabel, bytes: number, share: number): boolean {
    const { disk, bytesMax, partsMax = spillPartsMax } = this.#options
    return disk.bytes + bytes <= bytesMax * share && this.#parts + parts <= partsMax * share
  }

  /** Puts batches behind those on disk; `written` is told of each. Never waits. */
  write(batches: readonly WaitingBatch[], written: (batch: WaitingBatch) => void): void {
    this.isOn = true
    for (const batch of batches) this.#parts += batch.label.parts
    this.#unwritten.push(...batches)
    this.#writing ??= this.#write(written).finally(() => {
      this.#writing = undefined
    })
  }

  /** `undefined` when the disk gives back other bytes than were written, or none. */
  async read({ place }: WaitingBatch): Promise<Uint8Array | undefined> {
    if (!place) return undefined
    try {
      return await this.#options.disk.read(place)
    } catch (error) {
      this.#options.report(`copies that wait on disk cannot be read: ${String(error)}`)
      return undefined
    }
  }

  /** The batch was stored or given up. */
  done(batch: WaitingBatch): void {
    const { place } = batch
    if (!this.isOn) return
    this.#parts -= batch.label.parts
    if (place) this.#ending = this.#ending.then(() => this.#options.disk.done(place))
  }

  /** Nothing waits any more. */
  drained(): void {
    this.isOn = false
    this.#parts = 0
  }

  /** Writes what is not on disk yet, and closes the files. Returns what the next start will find. */
  async close(left: readonly WaitingBatch[]): Promise<ReadonlySet<WaitingBatch>> {
    this.#closing.abort()
    const queued = new Set(this.#unwritten)
    const rest = left.filter((batch) => !batch.place && !queued.has(batch))
    this.write(rest, () => undefined)
    await this.#writing
    await this.#ending
    await this.#options.disk.close()
    return new Set(left.filter(({ place }) => place))
  }

  async #write(written: (batch: WaitingBatch) => void): Promise<void> {
    const { report, retryMs = retryMsDefault } = this.#options
    while (this.#unwritten.length > 0) {
      try {
        const batches = this.#unwritten.slice(0, batchesAtOnce)
        await this.#writeAll(batches)
        this.#unwritten.splice(0, batches.length)
        for (const batch of batches) if (batch.place) written(batch)
        if (this.isBroken) report('the disk queue of copies for analysis can be written again')
        this.isBroken = false
      } catch (error) {
        if (!this.isBroken) report(`copies for analysis cannot be written to disk: ${String(error)}`)
        this.isBroken = true
        if (this.#closing.signal.aborted) return
        await sleep(retryMs, undefined, { signal: this.#closing.signal }).catch(() => undefined)
      }
    }
  }

  /** Batches without bytes were sent in the meantime, and those that are done were while they were being written. */
  async #writeAll(batches: readonly WaitingBatch[]): Promise<void> {
    const { disk } = this.#options
    const left = batches.flatMap((one) => (one.bytes ? [{ one, label: one.label, batch: one.bytes }] : []))
    const places = left.length > 0 ? await disk.append(left) : []
    const ended: Place[] = []
    for (const [index, { one }] of left.entries()) {
      const place = places[index] as Place
      if (one.isDone) ended.push(place)
      one.place = place
    }
    for (const place of ended) await disk.done(place)
  }
}
