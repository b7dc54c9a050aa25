import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { OffsetRange } from './batch-label.ts'

/**
 * Why rows are missing from the copies: the disk queue was full, nothing could be written to it, the store refused them,
 * or the file that held them was cut off or damaged. `overtaken`: they may be there, and retention deleted what would tell.
 */
export type SkipReason = 'full' | 'unwritable' | 'refused' | 'torn' | 'damaged' | 'overtaken'

/** Events that are missing from a table, to be read again from their source. One line of `skipped.ndjson`. */
export interface SkippedRange extends OffsetRange {
  readonly table: string
  readonly space: string
  readonly lane: string
  readonly reason: SkipReason
  /** Ranges that became one: it may cover events that are not missing. */
  readonly coarse?: true
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
      const range: unknown = JSON.parse(line)
      if (isRange(range)) yield range
    } catch {
      // Cut off within a text that holds a brace.
    }
  }
}

function isRange(value: unknown): value is SkippedRange {
  const { first, last, rows, ...names } = value as Record<string, unknown>
  const isCount = (number: unknown) => Number.isSafeInteger(number) && (number as number) >= 0
  const isNamed = ['table', 'space', 'lane', 'source', 'partition'].every(
    (name) => typeof names[name] === 'string',
  )
  return isNamed && [first, last, rows].every(isCount) && (first as number) <= (last as number)
}

/** One range for each table, partition and reason, from the least offset to the greatest: more than is missing. */
