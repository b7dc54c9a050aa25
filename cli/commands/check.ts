import { stdout } from 'node:process'
import { Command } from 'commander'
import { missingSecrets } from '../../config/config-secrets.ts'
import { type LoadedConfig, loadConfig } from '../../config/load-config.ts'
import { escapeText, formatProblem } from '../../config/yaml/format-problem.ts'
import { type Problem, sortProblems } from '../../config/yaml/problem.ts'
import type { Detector } from '../../core/detector/detector.ts'
import { jsonLine } from '../render/json-line.ts'
import { ExitError, exitCodes } from '../runtime/exit.ts'
import { configFile } from '../runtime/load.ts'
import { configContext } from '../runtime/shipped.ts'
import { sourceProblems } from '../runtime/source-problems.ts'
import { configOption, jsonOption } from './options.ts'

interface Flags {
  readonly config?: string
  readonly json?: boolean
  readonly secrets?: boolean
}

export function checkCommand(): Command {
  return new Command('check')
    .description('Checks configuration, detectors and playbooks, and lists all problems at once.')
    .addOption(configOption())
    .option(
      '--secrets',
      'count what is not on this machine (secrets, files to read, libraries) as a problem, not as a notice',
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
A problem keeps picket run from starting, and ends the check with code 2. A notice does not: secrets, files
to read and libraries, say, may be only where picket run is. With --json each is one line: level (problem or notice), file, line and col (without them it
is about the whole file), message, hint.

Examples:
  $ picket check
  $ picket check --secrets                         (where picket run will start: all of it must be there)
  $ picket check --config /etc/picket/picket.yaml --json
  {"level":"notice","file":"/etc/picket/picket.yaml","line":9,"col":18,"message":"actions.page.routing_key: …","hint":"…"}`,
    )
    .action(check)
}

async function check(flags: Flags): Promise<void> {
  const file = configFile(flags.config)
  const result = loadConfig(file, configContext())
  const missing = [...missingSecrets(result.secrets), ...(result.ok ? await sourceProblems(result) : [])]
  const wrong = result.ok ? [] : result.problems
  const problems = sortProblems([...wrong, ...(flags.secrets ? missing : [])])
  const notices = sortProblems([...result.remarks, ...(flags.secrets ? [] : missing)])
  if (flags.json) {
    stdout.write([...jsonLines('problem', problems), ...jsonLines('notice', notices)].join(''))
  } else {
    const lines = result.ok && problems.length === 0 ? summary(file, result) : problems.map(problemText)
    stdout.write([...lines, ...notices.map(noticeText)].join(''))
  }
  if (problems.length === 0) return
  const count = `${problems.length} problem${problems.length === 1 ? '' : 's'}`
  throw new ExitError(exitCodes.usage, flags.json ? '' : count)
}

function jsonLines(level: 'problem' | 'notice', found: readonly Problem[]): readonly string[] {
  return found.map(
    ({ file, line, col, message, hint }) =>
      `${jsonLine({ level, file, ...(line === 0 ? {} : { line, col }), message, hint })}\n`,
  )
}

function problemText(problem: Problem): string {
  return `${formatProblem(problem)}\n\n`
}

/** Without the line of the source: nothing in it is wrong. */
function noticeText({ source: _line, ...notice }: Problem): string {
  return `notice: ${formatProblem(notice)}\n`
}

function summary(
  file: string | undefined,
  { config, detectors, playbooks }: LoadedConfig<Detector>,
): readonly string[] {
  const sources = config.sources.map(({ name, type }) => `${name} (${type})`).join(', ')
  const modes = playbooks.map(({ playbook }) => `${playbook.id} (${playbook.mode})`).join(', ')
  return [
    `${escapeText(file ?? 'built-in defaults')}: no problems\n`,
    `sources    ${sources || 'none; picket run needs one'}\n`,
    `detectors  ${detectors.map(({ detector }) => detector.id).join(', ')}\n`,
    `playbooks  ${modes || 'none'}\n`,
  ]
}
