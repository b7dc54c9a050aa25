import { stderr, stdout } from 'node:process'
import { Command, Option } from 'commander'
import { type RefusalReason, refusalReasons } from '../../core/event/refusal.ts'
import { deadLetterLine } from '../render/dead-letter-line.ts'
import { deadLettersTable } from '../render/dead-letters-table.ts'
import type { DataDirFlags } from '../runtime/data-dir.ts'
import { statePlace } from '../runtime/state-place.ts'
import { configOption, dataDirOption, jsonOption, limitOption } from './options.ts'

interface ListFlags extends DataDirFlags {
  readonly limit: number
  readonly source?: string
  readonly reason?: RefusalReason
  readonly json?: boolean
}

export function deadLettersCommand(): Command {
  const command = new Command('dead-letters')
    .description(
      'Reads what picket run refused as no event, also while it is running; of a cluster from its topic.',
    )
    .addHelpText(
      'after',
      `
Examples:
  $ picket dead-letters
  $ picket dead-letters list --source gateway --reason not_parsable --limit 5`,
    )
  command
    .command('list', { isDefault: true })
    .description('The newest refused inputs, in the order in which they were refused; 10,000 are kept.')
    .addOption(configOption())
    .addOption(dataDirOption())
    .addOption(limitOption())
    .addOption(new Option('--source <name>', 'of this source only'))
    .addOption(new Option('--reason <reason>', 'refused for this reason only').choices([...refusalReasons]))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
A position is source:partition:offset; in a file the offset is a byte. The input is cut to 4 KB, credentials masked,
and cut again in the table. What picket replay refuses goes where its --dead-letters says.

Examples:
  $ picket dead-letters list --limit 5
  $ picket dead-letters list --source gateway --reason time_step
  $ picket dead-letters list --json --limit 10000 | jq -r .raw`,
    )
    .action(listDeadLetters)
  return command
}

async function listDeadLetters({ limit, source, reason, ...flags }: ListFlags): Promise<void> {
  const kept = await statePlace(flags).read(['deadLetters'], (state) => state.deadLetters())
  const wanted = kept.filter(
    (letter) =>
      (source === undefined || letter.position.source === source) &&
      (reason === undefined || letter.reason === reason),
  )
  const letters = wanted.slice(-limit)
  if (flags.json) for (const letter of letters) stdout.write(`${deadLetterLine(letter)}\n`)
  else stdout.write(`${deadLettersTable(letters)}\n`)
  const older = wanted.length - letters.length
  if (older > 0) stderr.write(`${older} older not shown; --limit ${wanted.length} shows all\n`)
}
