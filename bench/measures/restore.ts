import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Measure, Outcome } from '../figure.ts'
import { measureRestore, type Read, restoreFigures, restoreSizes } from './restore-sizes.ts'

interface ReadFile extends Read {
  /** Reading the whole file, in one piece. */
  readonly fileMs: number
}

/** What a start costs, by what is alive. */
export const restore: Measure = {
  id: 'restore',
  figures: restoreFigures('restore', 'SQLite'),
  async run(options) {
    const outcomes = new Map<string, Outcome>()
    for (const { size, entities, principals } of restoreSizes) {
      const id = `restore-${size}`
      if (entities > Math.max(100_000, options.events)) {
        outcomes.set(id, { unavailable: `needs --events ${entities} or more` })
        continue
      }
      const folder = join(options.folder, id)
      rmSync(folder, { recursive: true, force: true })
      options.report(`restore: the state of ${size} entities`)
      try {
        const tasks = { make: 'make-state', read: 'restore-state', place: { folder } }
        const noteOf = ({ fileMs }: ReadFile) => `; reading the file in one piece ${Math.round(fileMs)} ms`
        outcomes.set(id, await measureRestore(principals, tasks, options, noteOf))
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    }
    return outcomes
  },
}
