import { stdout } from 'node:process'
import { Command } from 'commander'
import { loadConfig } from '../../config/load-config.ts'
import { formatProblem } from '../../config/yaml/format-problem.ts'
import { jsonLine } from '../render/json-line.ts'
import { ExitError, exitCodes } from '../runtime/exit.ts'
import { configFile } from '../runtime/load.ts'
import { configContext } from '../runtime/shipped.ts'
import { configOption, jsonOption } from './options.ts'

export function checkCommand(): Command {
  return new Command('check')
    .description('Checks configuration, detectors and playbooks, and lists all problems at once.')
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ picket check
  $ picket check --config /etc/picket/picket.yaml --json`,
    )
    .action((flags: { readonly config?: string; readonly json?: boolean }) => {
      const file = configFile(flags.config)
      const result = loadConfig(file, configContext())
      if (!result.ok) {
        const { problems } = result
        if (flags.json)
          for (const { file, line, col, message, hint } of problems) {
            stdout.write(`${jsonLine({ file, line, col, message, hint })}\n`)
          }
        else stdout.write(`${problems.map((problem) => formatProblem(problem)).join('\n\n')}\n\n`)
        throw new ExitError(
          exitCodes.usage,
          flags.json ? '' : `${problems.length} problem${problems.length === 1 ? '' : 's'}`,
        )
      }
      const { detectors, playbooks, notices, config } = result
      const modes = playbooks.map(({ playbook }) => `${playbook.id} (${playbook.mode})`).join(', ')
      if (flags.json) return
      stdout.write(`${file ?? 'built-in defaults'}: no problems
sources    ${config.sources.map(({ name, type }) => `${name} (${type})`).join(', ') || 'none; picket run needs one'}
detectors  ${detectors.map(({ detector }) => detector.id).join(', ')}
playbooks  ${modes || 'none'}
${notices.map((notice) => `notice: ${notice}\n`).join('')}`)
    })
}
