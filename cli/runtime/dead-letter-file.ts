import { closeSync, openSync, writeSync } from 'node:fs'
import type { DeadLetter } from '../../core/event/refusal.ts'
import { deadLetterLine } from '../render/dead-letter-line.ts'
import { ExitError, exitCodes } from './exit.ts'

/** Bytes that are gathered before they are written. */
const chunkLength = 64 * 1024

/** A new file, readable for its owner only, that takes refused inputs as NDJSON. */
export class DeadLetterFile {
  readonly #file: number
  #waiting = ''

  /** Throws `ExitError` where the file is there already, which may be a log, or can't be made. */
  constructor(path: string) {
    try {
      this.#file = openSync(path, 'wx', 0o600)
    } catch (error) {
      const { code = 'unknown error' } = error as NodeJS.ErrnoException
      const why = code === 'EEXIST' ? 'it exists, and nothing is written over' : `it can't be made (${code})`
      throw new ExitError(exitCodes.usage, `--dead-letters ${path}: ${why}; name a new file`)
    }
  }

  add(letter: DeadLetter): void {
    this.#waiting += `${deadLetterLine(letter)}\n`
    if (this.#waiting.length >= chunkLength) this.#write()
  }

  close(): void {
    this.#write()
    closeSync(this.#file)
  }

  #write(): void {
    const bytes = Buffer.from(this.#waiting)
    this.#waiting = ''
    for (let from = 0; from < bytes.length; ) from += writeSync(this.#file, bytes, from)
  }
}
