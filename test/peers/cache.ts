import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { tryLock } from './lock-file.ts'
import { ownedFolder } from './owned-folder.ts'

const cacheRoot = join(import.meta.dirname, '..', '..', '.cache')

/** Where `provisionOnce` puts something. */
export function cacheFolder(name: string): string {
  return join(cacheRoot, name)
}

/** Longer than a slow download of 100 MB, so that a hanging one is reported instead of waited for. */
const waitMsMax = 600_000

/**
 * The folder `.cache/<name>`, filled once for all test workers and runs. `fill` gets an empty folder beside
 * it, which is renamed when complete: the name never shows half a download, even after kill -9. The name
 * carries the version, for a complete folder is never looked at again.
 */
export async function provisionOnce(
  name: string,
  fill: (folder: string) => Promise<void>,
  root = cacheRoot,
): Promise<string> {
  const complete = join(root, name)
  const lock = `${complete}.lock`
  const giveUpAt = performance.now() + waitMsMax
  await mkdir(root, { recursive: true })
  while (!existsSync(complete)) {
    if (await tryLock(lock)) {
      try {
        await fillBeside(complete, fill)
      } finally {
        await rm(lock, { force: true })
      }
    } else {
      if (performance.now() > giveUpAt) throw new Error(`another process still holds ${lock}; remove it`)
      await sleep(50)
    }
  }
  return complete
}

async function fillBeside(complete: string, fill: (folder: string) => Promise<void>): Promise<void> {
  if (existsSync(complete)) return
  const partial = await ownedFolder(`${complete}.partial-`)
  try {
    await fill(partial)
    await rename(partial, complete)
  } catch (error) {
    // Whoever else was quicker has put the same content there, so losing the race isn't a failure.
    if (!existsSync(complete)) throw error
  } finally {
    await rm(partial, { recursive: true, force: true })
  }
}
