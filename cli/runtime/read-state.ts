import { openReadOnly, type ReadOnlyStateStore } from '../../storage/sqlite/sqlite-state-store.ts'
import { StateError } from '../../storage/sqlite/state-error.ts'
import { ExitError, exitCodes } from './exit.ts'

/** Reads the state of a data folder, also beside a running `picket run`. Without state the process ends, and says why. */
export async function readState<T>(
  dataDir: string,
  read: (state: ReadOnlyStateStore) => Promise<T>,
): Promise<T> {
  const state = await openReadOnly(dataDir).catch((error: unknown) => {
    const isAbsent = error instanceof StateError && error.code === 'absent'
    throw isAbsent ? new ExitError(exitCodes.refused, error.message) : error
  })
  try {
    return await read(state)
  } finally {
    await state.close()
  }
}
