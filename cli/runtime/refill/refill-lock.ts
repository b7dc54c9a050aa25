import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolder } from '../../../storage/make-folder.ts'
import { type OwnerLock, takeOwnerLock } from '../../../storage/sqlite/owner-lock.ts'
import { stateFiles } from '../../../storage/sqlite/state-files.ts'
import { ExitError, exitCodes } from '../exit.ts'

/** Whether a `picket run` has the data folder open at this moment. */
export function isOwned(dataDir: string): boolean {
  const { lock } = stateFiles(dataDir)
  if (!existsSync(lock)) return false
  const taken = takeOwnerLock(lock)
  taken?.release()
  return taken === undefined
}

/** One refill at a time: two would insert the same rows. Ends with its process, however that ends. */
export function lockRefill(folder: string): OwnerLock {
  makeFolder(folder)
  const taken = takeOwnerLock(join(folder, 'refill.lock'))
  if (taken) return taken
  throw new ExitError(exitCodes.refused, 'another picket refill is at work in this data folder')
}
