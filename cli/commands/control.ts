import { stderr, stdout } from 'node:process'
import { Command, Option } from 'commander'
import { type ControlRow, controlLine, controlTable } from '../render/control-table.ts'
import type { DataDirFlags } from '../runtime/data-dir.ts'
import { statePlace } from '../runtime/state-place.ts'
import { configOption, dataDirOption, jsonOption, limitOption } from './options.ts'

/** All kinds of `ControlEntry` but operational findings. */
const kinds = [
  'manifest',
  'cut',
  'response',
  'source-idle',
  'source-active',
  'lost-range',
  'watermark',
  'late',
  'refused-range',
  'decision',
] as const satisfies readonly ControlRow['kind'][]

/** `cut` comes every minute and is for replays; operational findings are in `picket findings`. */
const unasked: ReadonlySet<ControlRow['kind']> = new Set(['cut', 'note'])

interface ListFlags extends DataDirFlags {
  readonly limit: number
  readonly kind?: (typeof kinds)[number]
  readonly json?: boolean
}

export function controlCommand(): Command {
  const command = new Command('control')
    .description('Reads the control log: what changed how events are judged, besides the events.')
    .addHelpText('after', '\nExamples:\n  $ picket control\n  $ picket control list --kind response')
  command
    .command('list', { isDefault: true })
    .description(
      'The newest entries, in the order in which they were written; of a cluster from its topic, in the order of each writer.',
    )
    .addOption(configOption())
    .addOption(dataDirOption())
    .addOption(limitOption())
    .addOption(new Option('--kind <kind>', 'of this kind only').choices([...kinds]))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Cuts, of which there is one a minute, are listed with --kind cut only. Times are event time: up to where everything was sealed; in a cluster, for what ingest wrote, up to where its partition stood.

Examples:
  $ picket control list --kind response           reloads
  $ picket control list --kind refused-range
  $ picket control list --json --limit 1000 | jq 'select(.kind == "source-idle") | .partition'`,
    )
    .action(listControl)
  return command
}

async function listControl({ limit, kind, json, ...flags }: ListFlags): Promise<void> {
  const all = await statePlace(flags).read(['control'], (state) => state.controlLog())
  const wanted = all.filter((entry) => (kind === undefined ? !unasked.has(entry.kind) : entry.kind === kind))
  const entries = wanted.slice(-limit)
  if (json) for (const entry of entries) stdout.write(`${controlLine(entry)}\n`)
  else stdout.write(`${controlTable(entries)}\n`)
  const older = wanted.length - entries.length
  if (older > 0) stderr.write(`${older} older not shown; --limit ${wanted.length} shows all\n`)
}
