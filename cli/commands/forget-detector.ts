import { stdout } from 'node:process'
import { Command } from 'commander'
import { openStateStore } from '../../storage/sqlite/sqlite-state-store.ts'
import { megabytes } from '../render/megabytes.ts'
import { safeText } from '../render/safe-text.ts'
import { type DataDirFlags, loadWithDataDir } from '../runtime/data-dir.ts'
import { ExitError, exitCodes } from '../runtime/exit.ts'
import { leftState } from '../runtime/left-state.ts'
import { requireState } from '../runtime/read-state.ts'
import { configOption, dataDirOption } from './options.ts'

export function forgetDetectorCommand(): Command {
  return new Command('forget')
    .argument('<id>')
    .description('Drops the state of a detector that the configuration runs no more; its findings stay.')
    .addOption(configOption())
    .addOption(dataDirOption())
    .addHelpText(
      'after',
      `
What a detector knew of its entities stays when it is taken out of the configuration, so that one that comes back goes on where
it was; \`picket doctor\` tells what there is. State of an older version of a detector is dropped as well. \`picket run\` must be
stopped for it. The file stays as large as it is: the room in it is used again.

Example:
  $ picket detectors forget jti-reuse`,
    )
    .action(forgetDetector)
}

async function forgetDetector(id: string, flags: DataDirFlags): Promise<void> {
  const { config, detectors } = loadWithDataDir(flags)
  if (config.cluster && flags.dataDir === undefined) {
    const { forgetInCluster } = await import('../cluster/forget-in-cluster.ts')
    const { records, bytes } = await forgetInCluster(config, id, detectors)
    if (records === 0) throw nothingLeft(id)
    stdout.write(`dropped ${records} records of ${safeText(id)} (${megabytes(bytes)})\n`)
    return
  }
  await requireState(config.data_dir)
  const store = await openStateStore(config.data_dir)
  try {
    const left = leftState(await store.held(), detectors).filter(({ detector }) => detector === id)
    if (left.length === 0) throw nothingLeft(id)
    for (const state of left) {
      store.drop(state)
      stdout.write(
        `dropped the state of ${safeText(id)} version ${state.version} (${megabytes(state.bytes)})\n`,
      )
    }
  } finally {
    await store.close()
  }
}

function nothingLeft(id: string): ExitError {
  return new ExitError(
    exitCodes.refused,
    `no state is left of '${safeText(id, 100)}' that the configuration does not use: take the detector out first; \`picket doctor\` tells what there is`,
  )
}
