/** What went wrong with the state, for callers that must tell the cases apart. */
export type StateErrorCode =
  /** Another live process owns the data folder. */
  | 'in_use'
  /** A store opened later owns the state: this one must stop acting. */
  | 'fenced'
  /** What was given cannot be stored; nothing of the commit was written. */
  | 'invalid'
  /** What was read back is not what was written. */
  | 'damaged'
  /** The file's schema is newer, or older than a reader can use, or the file is not ours. */
  | 'schema'
  /** There is no state in the folder. */
  | 'absent'
  | 'read_only'
  | 'closed'
  /** No room on the disk: nothing was written, and the same commit succeeds once there is room. */
  | 'full'
  /** The disk or its permissions. */
  | 'disk'

/** An error of the state store; its message says what, where and what to do. */
export class StateError extends Error {
  override readonly name = 'StateError'
  readonly code: StateErrorCode

  constructor(code: StateErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}

/** Said of a file whose pages do not hold together. */
export const damagedFile =
  'is damaged: restore the file (with its -wal) from a backup, or move it away to begin without state'

const advice: readonly (readonly [prefix: string, code: StateErrorCode, what: string])[] = [
  ['SQLITE_NOTADB', 'schema', 'is not a SQLite database: name another data folder, or move the file away'],
  ['SQLITE_CORRUPT', 'damaged', damagedFile],
  ['SQLITE_FULL', 'full', 'cannot grow, for the disk is full: free some space; nothing was half written'],
  // The only thing that fails in this way is making the index of the write-ahead log longer.
  [
    'SQLITE_IOERR_SHMSIZE',
    'full',
    'has no room for its -shm file: free some space; nothing was half written',
  ],
  ['SQLITE_READONLY', 'disk', 'cannot be written: check the permissions of the file and its folder'],
  ['SQLITE_PERM', 'disk', 'cannot be used: check the permissions of the file and its folder'],
  [
    'SQLITE_CANTOPEN',
    'disk',
    'cannot be opened: check that it exists and that this user may read and write it',
  ],
  ['SQLITE_IOERR', 'disk', 'cannot be read or written: check the disk'],
  [
    'SQLITE_BUSY',
    'in_use',
    'is locked by another program: close whatever has it open (such as a sqlite3 shell)',
  ],
]

/** Says in a person's words what SQLite's error about `file` means; other errors pass unchanged. */
export function stateErrorOf(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || error instanceof StateError) return error
  const known = advice.find(([prefix]) => sqliteCode(error).startsWith(prefix))
  if (known === undefined) return error
  return new StateError(known[1], `${file} ${known[2]} (${sqliteCode(error)}: ${error.message})`, error)
}

/** The same for errors at opening or migrating, where whatever else SQLite says means that tables and version do not fit. */
export function openErrorOf(error: unknown, file: string): unknown {
  const known = stateErrorOf(error, file)
  if (!(known instanceof Error) || known instanceof StateError || sqliteCode(known) === '') return known
  const what =
    'does not have the tables of its schema version, as when user_version was set by hand: ' +
    'restore the file (with its -wal) from a backup, or move it away to begin without state'
  return new StateError('damaged', `${file} ${what} (${sqliteCode(known)}: ${known.message})`, known)
}

function sqliteCode(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return code.startsWith('SQLITE_') ? code : ''
}
