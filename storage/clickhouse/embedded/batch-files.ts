import { mkdirSync, rmSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Batches on their way into the engine, each in a file of its own for as long as the engine reads it. */
export interface BatchFiles {
  lend<T>(bytes: Uint8Array, read: (path: string) => Promise<T>): Promise<T>
}

/** Removes what a killed process left. */
export function openBatchFiles(folder: string): BatchFiles {
  const batches = join(folder, 'batches')
  rmSync(batches, { recursive: true, force: true })
  mkdirSync(batches, { mode: 0o700 })
  let count = 0
  return {
    async lend(bytes, read) {
      const path = join(batches, String(count++))
      try {
        await writeFile(path, bytes, { mode: 0o600 }).catch((error: unknown) => {
          throw new Error(`Code: 243. DB::Exception: ${(error as Error).message} (NOT_ENOUGH_SPACE)`)
        })
        return await read(path)
      } finally {
        await rm(path, { force: true })
      }
    },
  }
}
