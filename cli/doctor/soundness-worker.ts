/** Reads a state file in a thread of its own: SQLite holds up its thread, and other examinations have ends to keep. */
import { parentPort, workerData } from 'node:worker_threads'
import { requireSound } from '../../storage/sqlite/require-sound.ts'
import { StateError } from '../../storage/sqlite/state-error.ts'
import type { Soundness } from './soundness.ts'

function soundnessOf(file: string): Soundness {
  try {
    requireSound(file)
    return { kind: 'sound' }
  } catch (error) {
    if (!(error instanceof StateError)) throw error
    return { kind: 'unsound', message: error.message }
  }
}

parentPort?.postMessage(soundnessOf(String(workerData)))
