import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { readSkipped, type SkippedRange } from './skipped-range.ts'

/** Beside `skipped.ndjson`: ranges of it that were fetched again, as they stand there. */
const fileName = 'refilled.ndjson'

/** Ranges that are still missing, oldest first, each once. */
export async function outstanding(folder: string): Promise<SkippedRange[]> {
  const missing = new Map<string, SkippedRange>()
  // The same batch may have been told of more than once, at one start after the other.
  for await (const range of readSkipped(join(folder, 'skipped.ndjson'))) missing.set(keyOf(range), range)
  for await (const range of readSkipped(join(folder, fileName))) missing.delete(keyOf(range))
  return [...missing.values()]
}

/** Their rows are in the store: on disk when it resolves. */
export async function markRefilled(folder: string, ranges: readonly SkippedRange[]): Promise<void> {
  const handle = await open(join(folder, fileName), 'a', 0o600)
  try {
    // The line before may have been cut off, and must not swallow the next.
    await handle.appendFile(`\n${ranges.map((range) => `${JSON.stringify(range)}\n`).join('')}`)
    await handle.datasync()
  } finally {
    await handle.close()
  }
}

function keyOf({ table, space, lane, source, partition, first, last, rows }: SkippedRange): string {
  return JSON.stringify([table, space, lane, source, partition, first, last, rows])
}
