import { stderr } from 'node:process'
import type { StateStore } from '../../core/ports/state-store.ts'
import type { ReadOnlyStateStore } from '../../storage/sqlite/sqlite-state-store.ts'
import type { ControlRow } from '../render/control-table.ts'
import { safeText } from '../render/safe-text.ts'
import { type DataDirFlags, dataDirOf, loadWithDataDir } from './data-dir.ts'
import { readState } from './read-state.ts'

/** What a person may look at, wherever it is kept. */
export type ReadableState = Pick<StateStore, 'findings' | 'runs' | 'journal' | 'decisions'> &
  Pick<ReadOnlyStateStore, 'deadLetters'> & { controlLog(): Promise<readonly ControlRow[]> }

/** What is read of it: a cluster keeps each in a topic of its own. */
export type StatePart = 'findings' | 'response' | 'decisions' | 'deadLetters' | 'control'

/** Where results are: a data folder, or the topics of a cluster. */
export interface StatePlace {
  /** For messages, such as `/var/lib/picket` or `the cluster 'picket'`. */
  readonly name: string
  /** Reads the given parts. Throws `ExitError` where there are none. */
  read<T>(parts: readonly StatePart[], use: (state: ReadableState) => Promise<T>): Promise<T>
}

/** Where the configuration says that results are; a folder that is named by hand is looked into, whatever that says. */
export function statePlace(flags: DataDirFlags): StatePlace {
  if (flags.dataDir === undefined) {
    const { config } = loadWithDataDir(flags)
    if (config.cluster) {
      return {
        name: `the cluster '${config.cluster.prefix}'`,
        async read(parts, use) {
          // Loaded only here: Kafka's library would slow the start of every other command.
          const { readCluster } = await import('../cluster/read/read-cluster.ts')
          return use(
            await readCluster(config, parts, (problem) => stderr.write(`${safeText(problem, 500)}\n`)),
          )
        },
      }
    }
  }
  const dataDir = dataDirOf(flags)
  return { name: dataDir, read: (_parts, use) => readState(dataDir, use) }
}
