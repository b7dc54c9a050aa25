import Database from 'better-sqlite3'
import { damagedFile, StateError, stateErrorOf } from './state-error.ts'

/**
 * Reads a whole state file and throws `StateError` (`damaged`) where it does not hold together. It holds up no writer, and its
 * own thread for as long as the disk takes to read the file.
 */
export function requireSound(file: string): void {
  let db: Database.Database | undefined
  try {
    db = new Database(file, { readonly: true, fileMustExist: true })
    const [first = ''] = String(db.pragma('quick_check(1)', { simple: true }))
      .split('\n')
      .slice(-1)
    if (first !== 'ok') throw new StateError('damaged', `${file} ${damagedFile} (${first})`)
  } catch (error) {
    throw stateErrorOf(error, file)
  } finally {
    db?.close()
  }
}
