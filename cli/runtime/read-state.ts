import { openReadOnly, type ReadOnlyStateStore } from '../../storage/sqlite/sqlite-state-store.ts'
import { StateError } from '../../storage/sqlite/state-error.ts'
import { ExitError, exitCodes } from './exit.ts'

/** Reads the state of a data folder, also beside a running `picket run`. Without state the process ends, and says why. */
export async function readState<T>(
  dataDir: string,
  read: (state: ReadOnlyStateStore) => Promise<T>,
): Promise<T> {
  const state = await openReadOnly(dataDir).catch((error: unknown) => {
    throw isAbsent(error) ? new ExitError(exitCodes.refused, error.message) : error
  })
  try {
    return await read(state)
  } finally {
    await state.close()
  }
}

/** Ends the process where there is no state, before a command that needs some would make an empty one. */
export async function requireState(dataDir: string): Promise<void> {
  try {
    const state = await openReadOnly(dataDir)
    await state.close()
  } catch (error) {
    // Of a damaged state, or one to be brought up to date, whoever opens it for writing says more.
    if (isAbsent(error)) throw new ExitError(exitCodes.refused, error.message)
  }
}

function isAbsent(error: unknown): error is StateError {
  return error instanceof StateError && error.code === 'absent'
}
