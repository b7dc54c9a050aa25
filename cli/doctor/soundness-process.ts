/** Reads a state file in a process of its own, which can be killed: a thread inside SQLite holds up the end of its process. */
import process from 'node:process'
import { requireSound } from '../../storage/sqlite/require-sound.ts'
import { StateError } from '../../storage/sqlite/state-error.ts'
import type { Soundness } from './soundness.ts'

function soundnessOf(file: string): Soundness {
  try {
    requireSound(file)
    return { kind: 'sound' }
  } catch (error) {
    if (error instanceof StateError) return { kind: 'unsound', message: error.message }
    return { kind: 'unknown', why: error instanceof Error ? error.message : String(error) }
  }
}

process.send?.(soundnessOf(String(process.argv.at(-1))))
