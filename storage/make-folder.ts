import { mkdirSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/**
 * Makes a folder (0700) and those above it, and leaves what is there. Throws the system's error, or one that names the
 * file that is in the way.
 *
 * Node's own recursive way goes round for ever where the system says of a new folder in one that exists that it is not
 * there, as Linux does in /proc.
 */
export function makeFolder(path: string): void {
  const folder = resolve(path)
  const stats = statSync(folder, { throwIfNoEntry: false })
  if (stats?.isDirectory()) return
  if (stats) throw new Error(`${folder} is a file and no folder`)
  const parent = dirname(folder)
  if (parent !== folder) makeFolder(parent)
  try {
    mkdirSync(folder, { mode: 0o700 })
  } catch (error) {
    // Another process was quicker.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}
