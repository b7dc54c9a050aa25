import { existsSync } from 'node:fs'
import { stderr } from 'node:process'
import { type LoadedConfig, loadConfig } from '../../config/load-config.ts'
import { formatProblem } from '../../config/yaml/format-problem.ts'
import type { Detector } from '../../core/detector/detector.ts'
import { ExitError, exitCodes } from './exit.ts'
import { configContext } from './shipped.ts'

const defaultFile = 'picket.yaml'

/** The configuration file that a command means: the one named, else `picket.yaml` here, else none. */
export function configFile(named: string | undefined): string | undefined {
  return named ?? (existsSync(defaultFile) ? defaultFile : undefined)
}

/** Loads and checks the configuration; with problems it ends the process, all of them listed. */
export function load(named: string | undefined): LoadedConfig<Detector> {
  const result = loadConfig(configFile(named), configContext())
  if (!result.ok) {
    const problems = result.problems.map((problem) => formatProblem(problem)).join('\n\n')
    const count = result.problems.length
    throw new ExitError(exitCodes.usage, `${problems}\n\n${count} problem${count === 1 ? '' : 's'}`)
  }
  for (const notice of result.notices) stderr.write(`notice: ${notice}\n`)
  return result
}
