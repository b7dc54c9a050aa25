/** Exit codes that scripts can rely on; documented in `picket --help`. */
export const exitCodes = {
  ok: 0,
  /** Something failed while running. */
  failed: 1,
  /** The command line, the configuration or a playbook is wrong, or names what is not here: a secret, a file, a folder. */
  usage: 2,
  /** `--fail-on` asked for it: findings of that severity or above were found. */
  found: 3,
  /** What was asked for does not exist, or was refused. */
  refused: 4,
} as const

/** Ends the process with a code; the message goes to standard error as it is. */
export class ExitError extends Error {
  override readonly name = 'ExitError'
  readonly code: number
  constructor(code: number, message = '') {
    super(message)
    this.code = code
  }
}
