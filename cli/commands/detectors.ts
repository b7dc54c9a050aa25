import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { stdout } from 'node:process'
import { Command } from 'commander'
import { z } from 'zod'
import { didYouMean } from '../../config/yaml/did-you-mean.ts'
import { detectors } from '../../detectors/detectors.ts'
import { jsonLine } from '../render/json-line.ts'
import { safeText } from '../render/safe-text.ts'
import { renderTable } from '../render/table.ts'
import { ExitError, exitCodes } from '../runtime/exit.ts'
import { load } from '../runtime/load.ts'
import { packageFolder } from '../runtime/shipped.ts'
import { forgetDetectorCommand } from './forget-detector.ts'
import { configOption, jsonOption } from './options.ts'

interface Flags {
  readonly config?: string
  readonly json?: boolean
}

export function detectorsCommand(): Command {
  const command = new Command('detectors')
    .description('Lists detectors, and shows one with its settings and tuning guide.')
    .addHelpText('after', '\nExamples:\n  $ picket detectors\n  $ picket detectors show jti-reuse')
  command
    .command('list', { isDefault: true })
    .description('All detectors that ship, and whether the configuration runs them.')
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExamples:\n  $ picket detectors list\n  $ picket detectors list --json')
    .action(listDetectors)
  command
    .command('show <id>')
    .description(
      'One detector: what it reads, its settings in force with their meaning and cost, its tuning guide.',
    )
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n  $ picket detectors show jti-reuse\n  $ picket detectors show jti-reuse --json',
    )
    .action(showDetector)
  command.addCommand(forgetDetectorCommand())
  return command
}

function listDetectors(flags: Flags): void {
  const enabled = new Set(load(flags.config).detectors.map(({ detector }) => detector.id))
  const rows = detectors.map(({ id, version, summary, threats }) => ({
    id,
    version,
    enabled: enabled.has(id),
    summary,
    threats,
  }))
  if (flags.json) {
    for (const row of rows) stdout.write(`${jsonLine(row)}\n`)
    return
  }
  const table = renderTable(
    rows,
    [
      { heading: 'ID', text: ({ id }) => id },
      { heading: 'VERSION', text: ({ version }) => String(version) },
      { heading: 'ENABLED', text: (row) => (row.enabled ? 'yes' : 'no') },
      { heading: 'SEES', text: ({ summary }) => summary, widthMax: 90 },
      { heading: 'THREATS', text: ({ threats }) => threats.join(' ') },
    ],
    'no detectors',
  )
  stdout.write(`${table}\n`)
}

function showDetector(id: string, flags: Flags): void {
  const detector = detectors.find((one) => one.id === id)
  if (!detector) {
    const known = detectors.map((one) => one.id).join(', ')
    const meant = didYouMean(
      id,
      detectors.map((one) => one.id),
    )
    const hint = meant === undefined ? `there are ${known}` : `did you mean '${meant}'?`
    throw new ExitError(exitCodes.refused, `no detector is called '${safeText(id)}': ${hint}`)
  }
  const configured = load(flags.config).detectors.find((one) => one.detector.id === id)
  const config = configured?.config ?? detector.config.parse({})
  const { version, summary, threats, reads } = detector
  if (flags.json) {
    const schema = z.toJSONSchema(detector.config, { io: 'input', unrepresentable: 'any' })
    const window = detector.window(config)
    stdout.write(
      `${jsonLine({ id, version, enabled: configured !== undefined, summary, threats, reads, window, config, schema })}\n`,
    )
    return
  }
  const state = configured ? 'enabled' : 'disabled by the configuration'
  stdout.write(
    `${id}, version ${version}, ${state}\n${summary}\nthreats  ${threats.join(', ')}\nreads    ${reads.join(', ')}\n\n`,
  )
  const settings = Object.entries(config as Record<string, unknown>)
  const described = detector.config as unknown as {
    readonly shape?: Readonly<Record<string, { readonly description?: string }>>
  }
  stdout.write('Settings in force (detectors.<id> in picket.yaml):\n')
  for (const [name, value] of settings) {
    stdout.write(`  ${name}: ${JSON.stringify(value)}\n      ${described.shape?.[name]?.description ?? ''}\n`)
  }
  stdout.write(`\n${readFileSync(join(packageFolder, 'detectors', id, 'README.md'), 'utf8')}`)
}
