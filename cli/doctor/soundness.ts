import type { ChildProcess } from 'node:child_process'
import { statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { forkScript, scriptBeside } from '../../enforcement/gateway-thread/start-script.ts'
import { StateError } from '../../storage/sqlite/state-error.ts'
import { megabytes } from '../render/megabytes.ts'
import { shellWord } from '../render/shell-word.ts'

/** What the process finds. */
export type Soundness =
  | { readonly kind: 'sound' }
  | { readonly kind: 'unsound'; readonly message: string }
  | { readonly kind: 'unknown'; readonly why: string }

/** What is said of a file that is not known to be damaged. */
export interface Looked {
  readonly told: string
  /** There where it could not be found out and nobody could know that before. */
  readonly todo?: string
}

export interface SoundnessOptions {
  readonly bytesMax?: number
  readonly msMax?: number
}

/** More is not done in time by many a disk, and would be read in vain. */
const soundnessBytesMax = 1e9
/** Leaves the rest of an examination's time to what else there is to find out. */
export const soundnessMsMax = 8000

const script = scriptBeside(import.meta.url, 'soundness-process')

/**
 * Reads a whole state file in at most `msMax`, and throws `StateError` (`damaged`) if its pages do not hold together. What
 * was overwritten within a page that holds only content is not found.
 */
export async function soundness(
  file: string,
  { bytesMax = soundnessBytesMax, msMax = soundnessMsMax }: SoundnessOptions = {},
): Promise<Looked> {
  const { size } = statSync(file)
  const check = `sqlite3 -readonly ${shellWord(file)} 'PRAGMA quick_check(1)'`
  if (size > bytesMax) {
    const why = `${megabytes(size)} may take longer than an examination`
    return { told: `its pages were not checked, for ${why}: ${check} does it, at the speed of the disk` }
  }
  const found = await foundBy(file, msMax, `its ${megabytes(size)} were not read in time`)
  if (found.kind === 'unsound') throw new StateError('damaged', found.message)
  if (found.kind === 'sound') return { told: `its pages hold together, ${megabytes(size)}` }
  return {
    told: `its pages were not all checked: ${found.why}`,
    todo: `${check} checks them all, at the speed of the disk; ok is its answer when they hold together`,
  }
}

async function foundBy(file: string, msMax: number, late: string): Promise<Soundness> {
  const child = forkScript(script, file)
  const timer = new AbortController()
  const tooLate = sleep(msMax, undefined, { signal: timer.signal }).then(
    (): Soundness => ({ kind: 'unknown', why: late }),
  )
  tooLate.catch(() => {})
  try {
    return await Promise.race([answerOf(child), tooLate])
  } finally {
    timer.abort()
    child.kill('SIGKILL')
    // A process that waits for a dead disk ends when that answers, and nobody waits for it.
    child.unref()
    if (child.connected) child.disconnect()
  }
}

function answerOf(child: ChildProcess): Promise<Soundness> {
  return new Promise((resolve) => {
    const unknown = (why: string) => resolve({ kind: 'unknown', why })
    child.once('message', (found) => resolve(found as Soundness))
    child.on('error', ({ message }) => unknown(`the process that reads them: ${message}`))
    // `close` comes when all messages are read, `exit` may come before.
    child.once('close', (code, signal) =>
      unknown(`the process that reads them ended with ${signal ?? `exit code ${code}`}`),
    )
  })
}
