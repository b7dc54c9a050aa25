import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { isAlive } from './lock-file.ts'

/**
 * A new folder `<pathPrefix><pid>-…`, after removing those of processes that are dead. A killed test run
 * can't clean up, and leaves a broker's data or half a download behind; the next run does it.
 */
export async function ownedFolder(pathPrefix: string): Promise<string> {
  const parent = dirname(pathPrefix)
  for (const name of await readdir(parent)) {
    if (!name.startsWith(basename(pathPrefix))) continue
    const owner = Number.parseInt(name.slice(basename(pathPrefix).length), 10)
    if (owner > 0 && !isAlive(owner)) await rm(join(parent, name), { recursive: true, force: true })
  }
  return mkdtemp(`${pathPrefix}${process.pid}-`)
}
