import { accessSync, constants } from 'node:fs'
import { missingSecrets } from '../../config/config-secrets.ts'
import type { LoadedConfig } from '../../config/load-config.ts'
import { fileProblem, type Problem, sortProblems } from '../../config/yaml/problem.ts'
import type { Detector } from '../../core/detector/detector.ts'
import { makeFolder } from '../../storage/make-folder.ts'
import { sourceProblems } from './source-problems.ts'

/**
 * What the configuration names and this machine does not have, so that `picket run` can't start: secrets, what
 * sources need, the data folder, which is made. `dataDirFlag` tells that the folder was named on the command line.
 */
export async function startProblems(
  loaded: LoadedConfig<Detector>,
  dataDirFlag: boolean,
): Promise<readonly Problem[]> {
  const secrets = missingSecrets(loaded.secrets.filter(({ isNeeded }) => isNeeded))
  return sortProblems([
    ...secrets,
    ...(await sourceProblems(loaded)),
    ...dataDirProblems(loaded, dataDirFlag),
  ])
}

/** Failures that pass without anybody changing the configuration: a full disk is none of its mistakes. */
const passing: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EIO', 'EMFILE', 'ENFILE', 'ENOMEM'])

function dataDirProblems(
  { config: { data_dir: folder }, problemAt }: LoadedConfig<Detector>,
  isFlag: boolean,
): readonly Problem[] {
  const code = failureOf(() => {
    makeFolder(folder)
    accessSync(folder, constants.W_OK | constants.X_OK)
  })
  if (code === undefined || passing.has(code)) return []
  const message = `the data folder ${folder} cannot be used: ${code}`
  const hint = 'name a folder that this user may write'
  return [isFlag ? fileProblem('--data-dir', message, hint) : problemAt(['data_dir'], message, hint)]
}

function failureOf(attempt: () => void): string | undefined {
  try {
    attempt()
    return undefined
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return code ?? message
  }
}
