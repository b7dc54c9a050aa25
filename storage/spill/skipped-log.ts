import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import type { BatchLabel } from './batch-label.ts'
import { outstanding } from './refilled-log.ts'
import type { SkippedRange, SkipReason } from './skipped-range.ts'

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
    for (const range of await outstanding(folder)) rows += range.rows
    return new SkippedLog(path, rows, true)
  }

  /** Events that are missing, over all starts, unless they were fetched again before this one. */
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
            coarse: true,
          }
        : range,
    )
  }
  return [...byKey.values()]
}
