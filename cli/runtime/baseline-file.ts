import { readFileSync } from 'node:fs'
import { type Baseline, emptyBaseline } from '../../core/baseline/baseline.ts'
import { parseBaseline } from '../../core/baseline/baseline-codec.ts'
import { ExitError, exitCodes } from './exit.ts'

/** A snapshot that `picket baseline build` wrote. Ends the process when it can't be read. */
export function loadBaselineFile(path: string): Baseline {
  try {
    return parseBaseline(readFileSync(path, 'utf8'), path)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new ExitError(exitCodes.usage, `${path}: ${why}; build one with picket baseline build`)
  }
}

/** The snapshot of a data folder, or the empty one while none was built. */
export function baselineOf(path: string): Baseline {
  try {
    return parseBaseline(readFileSync(path, 'utf8'), path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return emptyBaseline
    throw error
  }
}
