import { closeSync, openSync } from 'node:fs'
import { stdin } from 'node:process'

const startedAtTerminal = stdin.isTTY === true

/** Whether a SIGHUP says that the terminal was closed, and not that the configuration is to be read anew. */
export function isTerminalGone(): boolean {
  if (!startedAtTerminal) return false
  try {
    closeSync(openSync('/dev/tty', 'r'))
    return false
  } catch {
    return true
  }
}
