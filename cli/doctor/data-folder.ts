import { existsSync, mkdtempSync, rmdirSync, statfsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Examination, resultsAbout } from './examination.ts'

/** Below this SQLite's log alone may fill the disk; a run then waits for room. */
const freeBytesMin = 200e6
/** On top of what copies may take. */
const freeBytesGood = 1e9

/** Whether the data folder, or the one that it would be made in, can be written and has room. */
export function dataFolder(folder: string, spillBytesMax: number): Examination {
  const about = 'data folder'
  const { ok, warn, fail } = resultsAbout(about)
  return {
    about,
    examine() {
      const there = nearest(folder)
      try {
        rmdirSync(mkdtempSync(join(there, '.picket-doctor-')))
      } catch (error) {
        const why = (error as NodeJS.ErrnoException).code ?? String(error)
        const todo = 'give the user of picket run the right to write there, or name another data_dir'
        return [fail(`${there} can't be written (${why})`, todo)]
      }
      const { bavail, bsize } = statfsSync(there)
      const free = bavail * bsize
      const told = `${inGb(free)} GB free`
      const where = there === folder ? folder : `${folder} will be made in ${there}`
      const wanted = spillBytesMax + freeBytesGood
      const todo = `free some: copies may take ${inGb(spillBytesMax)} GB (clickhouse.spill_max) besides the state`
      if (free < freeBytesMin) return [fail(`${where}: ${told}; with none picket run waits`, todo)]
      if (free < wanted) return [warn(`${where}: ${told}`, todo)]
      return [ok(`${where}: can be written, ${told}`)]
    },
  }
}

/** The folder itself, or the nearest above it that exists. */
function nearest(folder: string): string {
  const parent = dirname(folder)
  return existsSync(folder) || parent === folder ? folder : nearest(parent)
}

function inGb(bytes: number): string {
  return (bytes / 1e9).toFixed(1)
}
