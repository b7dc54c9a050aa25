import { createReadStream } from 'node:fs'
import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { BatchLabel, OffsetRange } from './batch-label.ts'

/**
 * Why rows are missing from the copies: the disk queue was full, nothing could be written to it, the store refused them,
 * or the file that held them was cut off or damaged.
 */
export type SkipReason = 'full' | 'unwritable' | 'refused' | 'torn' | 'damaged'

/** Events that are missing from a table, to be read again from their source. One line of `skipped.ndjson`. */
export interface SkippedRange extends OffsetRange {
  readonly table: string
  readonly space: string
  readonly lane: string
  readonly reason: SkipReason
}

/** More than these wait for a disk that can't be written: then the ranges of a partition become one. */
const pendingMax = 1000

/**
 * Which events were not copied, in a file that only grows. A line is synced to disk; while that fails, lines wait in
 * memory and are tried with the next.
 */
export class SkippedLog {
  readonly path: string
  #rows: number
  #pending: SkippedRange[] = []
  #writing: Promise<void> = Promise.resolve()
  #isTorn: boolean

  private constructor(path: string, rows: number, isTorn: boolean) {
    this.path = path
    this.#rows = rows
    this.#isTorn = isTorn
  }

  static async open(folder: string): Promise<SkippedLog> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const path = join(folder, 'skipped.ndjson')
    let rows = 0
    for await (const range of readSkipped(path)) rows += range.rows
    return new SkippedLog(path, rows, true)
  }

  /** Events that are missing, over all starts. */
  get rows(): number {
    return this.#rows
  }

  /** Whether everything is on disk. */
  get isWritten(): boolean {
    return this.#pending.length === 0
  }

  /** Synchronous: the file follows. */
  add(
    { table, space, lane, ranges }: Pick<BatchLabel, 'table' | 'space' | 'lane' | 'ranges'>,
    reason: SkipReason,
  ): void {
    for (const range of ranges) {
      this.#rows += range.rows
      this.#pending.push({ table, space, lane, ...range, reason })
    }
    if (this.#pending.length > pendingMax) this.#pending = joined(this.#pending)
    this.#writing = this.#writing.then(() => this.#write())
  }

  /** Resolves when what can be written is. */
  flush(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write())
    return this.#writing
  }

  async #write(): Promise<void> {
    const lines = this.#pending
    if (lines.length === 0) return
    this.#pending = []
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
    try {
      const handle = await open(this.path, 'a', 0o600)
      try {
        // A line that was cut off must not swallow the next.
        await handle.appendFile(this.#isTorn ? `\n${text}` : text)
        await handle.datasync()
        this.#isTorn = false
      } finally {
        await handle.close()
      }
    } catch {
      this.#isTorn = true
      this.#pending = [...lines, ...this.#pending]
    }
  }
}

/** The ranges in a file, oldest first; none when there is no file. Lines that were cut off are left out. */
export async function* readSkipped(path: string): AsyncGenerator<SkippedRange> {
  const input = createReadStream(path)
  const isThere = await new Promise<boolean>((resolve, reject) => {
    input.once('open', () => resolve(true))
    input.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') resolve(false)
      else reject(error)
    })
  })
  if (!isThere) return
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (!line.startsWith('{') || !line.endsWith('}')) continue
    try {
      yield JSON.parse(line) as SkippedRange
    } catch {
      // Cut off within a text that holds a brace.
    }
  }
}

/** One range for each table, partition and reason, from the least offset to the greatest: more than is missing. */
function joined(ranges: readonly SkippedRange[]): SkippedRange[] {
  const byKey = new Map<string, SkippedRange>()
  for (const range of ranges) {
    const { table, space, lane, source, partition, reason } = range
    const key = JSON.stringify([table, space, lane, source, partition, reason])
    const known = byKey.get(key)
    byKey.set(
      key,
      known
        ? {
            ...known,
            first: Math.min(known.first, range.first),
            last: Math.max(known.last, range.last),
            rows: known.rows + range.rows,
          }
        : range,
    )
  }
  return [...byKey.values()]
}
