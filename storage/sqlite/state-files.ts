import { chmodSync, closeSync, existsSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolder } from '../make-folder.ts'
import { StateError } from './state-error.ts'

export interface StateFiles {
  readonly folder: string
  /** The state; SQLite puts `-wal` and `-shm` beside it, with the same permissions. */
  readonly database: string
  /** Held locked by the process that owns the folder; its content means nothing. */
  readonly lock: string
}

export function stateFiles(folder: string): StateFiles {
  return { folder, database: join(folder, 'state.db'), lock: join(folder, 'state.lock') }
}

/**
 * Makes the folder (0700) and both files (0600), or narrows the files' permissions. A folder that was there keeps
 * its own: it may be a volume that others may list. Throws `disk`.
 */
export function prepareFiles(files: StateFiles): void {
  try {
    makeFolder(files.folder)
    for (const file of [files.database, files.lock]) createPrivate(file)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const what = `the data folder ${files.folder} cannot be used: ${why}`
    throw new StateError('disk', `${what}; name a folder that this user may write`, error)
  }
}

// Closing any descriptor of a file drops all POSIX locks that this process has on it, SQLite's included: a file
// that exists is never opened here.
function createPrivate(file: string): void {
  if (!existsSync(file)) closeSync(openSync(file, 'wx', 0o600))
  chmodSync(file, 0o600)
}
