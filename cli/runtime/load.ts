import { existsSync } from 'node:fs'
import { stderr } from 'node:process'
import { type LoadedConfig, loadConfig } from '../../config/load-config.ts'
import { formatProblem } from '../../config/yaml/format-problem.ts'
import type { Problem } from '../../config/yaml/problem.ts'
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
  if (!result.ok) throw problemsExit(result.problems)
  for (const notice of result.notices) stderr.write(`notice: ${notice}\n`)
  return result
}

/** Ends the process for what is wrong with the configuration, all of it listed. */
export function problemsExit(problems: readonly Problem[]): ExitError {
  const text = problems.map((problem) => formatProblem(problem)).join('\n\n')
  const count = `${problems.length} problem${problems.length === 1 ? '' : 's'}`
  return new ExitError(exitCodes.usage, `${text}\n\n${count}`)
}
