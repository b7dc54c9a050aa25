import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import type { BatchLabel } from './batch-label.ts'
import { SpillSegment } from './spill-segment.ts'

/** What is kept at most, bytes as packed, and what a file takes at least. */
const bytesMaxDefault = 256 * 1024 * 1024
const fileBytesMin = 4096
const compression = { level: 1 }
const batchBytesMax = 1024 * 1024 * 1024

export interface KeptRowsOptions {
  readonly bytesMax?: number
  /** Asks the store for its time, epoch milliseconds: whether something was stored since a refusal is held against that. */
  readonly storeNow?: (() => Promise<number | undefined>) | undefined
}

/** A batch that was refused, in a file of its own. */
export interface KeptBatch {
  readonly path: string
  /** When it was refused, epoch milliseconds by the clock of this machine. */
  readonly at: number
}

export interface ReadBatch {
  readonly label: BatchLabel
  readonly bytes: Buffer
}

/**
 * Rows that the store refused and that nobody could read again from a source: panes, findings, runs, decisions. Each batch is a
 * file in the format of the disk queue, on disk before its sender goes on, so that it can be inserted and removed beside a
 * process that writes others.
 */
export class KeptRows {
  readonly folder: string
  readonly #bytesMax: number
  readonly #storeNow: () => Promise<number | undefined>
  #count = 0
  #adding: Promise<boolean> = Promise.resolve(true)

  /** `folder` is that of the disk queue. */
  constructor(
    folder: string,
    { bytesMax = bytesMaxDefault, storeNow = async () => undefined }: KeptRowsOptions = {},
  ) {
    this.folder = keptFolder(folder)
    this.#bytesMax = bytesMax
    this.#storeNow = storeNow
  }

  /** False when there is no room for it, or the disk does not take it. Never rejects. */
  add(label: BatchLabel, bytes: Uint8Array): Promise<boolean> {
    this.#adding = this.#adding.then(() => this.#add(label, bytes)).catch(() => false)
    return this.#adding
  }

  async #add(label: BatchLabel, bytes: Uint8Array): Promise<boolean> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 })
    const batch = await promisify(gzip)(bytes, compression)
    if ((await this.#bytes()) + Math.max(batch.length, fileBytesMin) > this.#bytesMax) return false
    // Names are in the order of what they hold.
    const name = `${String(Date.now()).padStart(15, '0')}-${String(this.#count++).padStart(9, '0')}.rows`
    const refusedAt = await this.#storeNow().catch(() => undefined)
    const segment = await SpillSegment.create(join(this.folder, name))
    try {
      await segment.append([{ label: refusedAt === undefined ? label : { ...label, refusedAt }, batch }])
      await segment.close()
      return true
    } catch {
      await segment.remove()
      return false
    }
  }

  /** Of all files, counted anew: somebody else removes them. */
  async #bytes(): Promise<number> {
    let bytes = 0
    for (const { path } of await keptBatches(this.folder)) {
      const { size } = await stat(path).catch(() => ({ size: 0 }))
      bytes += Math.max(size, fileBytesMin)
    }
    return bytes
  }
}

/** Where rows are kept beside a disk queue. */
export function keptFolder(folder: string): string {
  return join(folder, 'kept')
}

/** The batches in a folder of kept rows, newest first. */
export async function keptBatches(folder: string): Promise<KeptBatch[]> {
  const names = await readdir(folder).catch(() => [])
  return names
    .filter((name) => /^\d{15}-\d{9}\.rows$/.test(name))
    .sort()
    .reverse()
    .map((name) => ({ path: join(folder, name), at: Number.parseInt(name, 10) }))
}

/** What a file holds; `undefined` where it was cut off by a crash: then its sender sent it again. @throws ForeignSegment */
export async function readKept({ path }: KeptBatch): Promise<ReadBatch | undefined> {
  const { segment, waiting } = await SpillSegment.scan(path)
  try {
    const [found] = waiting
    const packed = found && (await segment.read(found.place))
    if (!packed) return undefined
    return { label: found.label, bytes: await promisify(gunzip)(packed, { maxOutputLength: batchBytesMax }) }
  } finally {
    await segment.close()
  }
}

/** The rows of a batch are in the store. */
export async function removeKept({ path }: KeptBatch): Promise<void> {
  await rm(path, { force: true })
}
