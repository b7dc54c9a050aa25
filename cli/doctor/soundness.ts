import { once } from 'node:events'
import { statSync } from 'node:fs'
import { scriptBeside, startScript } from '../../enforcement/gateway-thread/start-script.ts'
import { StateError } from '../../storage/sqlite/state-error.ts'
import { megabytes } from '../render/megabytes.ts'

/** What the thread finds. */
export type Soundness = { readonly kind: 'sound' } | { readonly kind: 'unsound'; readonly message: string }

/** What a slow disk reads in some ten seconds; more would not be done in the time of an examination. */
export const soundnessBytesMax = 1e9

const script = scriptBeside(import.meta.url, 'soundness-worker')

/** Reads a whole state file, and throws `StateError` (`damaged`) if it does not hold together. Says how much it read, or why not. */
export async function soundness(file: string, bytesMax: number = soundnessBytesMax): Promise<string> {
  const { size } = statSync(file)
  if (size > bytesMax) {
    return `not looked through for damage, for ${megabytes(size)} may take longer than an examination: sqlite3 -readonly ${file} 'PRAGMA quick_check(1)' does it, at the speed of the disk`
  }
  const worker = startScript(script, { name: 'soundness', workerData: file })
  const [found] = (await once(worker, 'message')) as [Soundness]
  if (found.kind === 'unsound') throw new StateError('damaged', found.message)
  return `looked through for damage, ${megabytes(size)}`
}
