import { stdout } from 'node:process'
import { Command, Option } from 'commander'
import { decisionTypes } from '../../core/decision/decision.ts'
import { subjectScopes } from '../../core/decision/subject.ts'
import { decisionLine } from '../render/decision-line.ts'
import { decisionsTable } from '../render/decisions-table.ts'
import type { DataDirFlags } from '../runtime/data-dir.ts'
import { statePlace } from '../runtime/state-place.ts'
import { addDecision, removeDecision } from './change-decisions.ts'
import { configOption, dataDirOption, jsonOption } from './options.ts'

interface ListFlags extends DataDirFlags {
  readonly json?: boolean
}

export function decisionsCommand(): Command {
  const command = new Command('decisions')
    .description('Lists enforcements in force, adds one by hand, and takes one back.')
    .addHelpText(
      'after',
      `
Examples:
  $ picket decisions
  $ picket decisions add --scope ip --value 203.0.113.9 --type throttle --rate 5/m --ttl 15m --reason "scraping"
  $ picket decisions remove 0123456789abcdef0123456789abcdef`,
    )
  listCommand(command)
  addCommand(command)
  removeCommand(command)
  return command
}

function listCommand(command: Command): void {
  command
    .command('list', { isDefault: true })
    .description('Decisions in force, the first to end first.')
    .addOption(configOption())
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n  $ picket decisions list\n  $ picket decisions list --json | jq .value',
    )
    .action(listDecisions)
}

function addCommand(command: Command): void {
  command
    .command('add')
    .description(
      'Enforces something by hand. The protected set and the kill switch refuse it as they do the machine.',
    )
    .addOption(configOption())
    .addOption(dataDirOption())
    .addOption(
      new Option('--scope <kind>', 'what the value names').choices([...subjectScopes]).makeOptionMandatory(),
    )
    .requiredOption('--value <id>', 'address, network (/24, IPv6 /48), or id as it stands in events')
    .addOption(
      new Option('--type <type>', 'throttle (429), deny (403) or revoke (401)')
        .choices([...decisionTypes])
        .makeOptionMandatory(),
    )
    .addOption(new Option('--rate <rate>', 'with throttle: requests in a time, such as 5/m or 10/30s'))
    .requiredOption('--ttl <time>', 'for how long, such as 15m; at most 24h (1d)')
    .requiredOption('--reason <text>', 'a sentence for whoever meets it')
    .addOption(new Option('--by <name>', 'who decided (default: the name of this user)'))
    .addOption(
      new Option('--yes', 'also what many clients share: a network, fingerprint, client, tenant or route'),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
The same again renews its end. A running picket run enforces it at once; otherwise the next one does when it starts.

Examples:
  $ picket decisions add --scope ip --value 203.0.113.9 --type throttle --rate 5/m --ttl 15m --reason "scraping"
  $ picket decisions add --scope principal --value mallory --type revoke --ttl 24h --reason "leaked token"`,
    )
    .action(addDecision)
}

function removeCommand(command: Command): void {
  command
    .command('remove <id>')
    .description('Takes a decision back; the machine leaves its entity alone for a while.')
    .addOption(configOption())
    .addOption(dataDirOption())
    .addOption(
      new Option(
        '--exempt-for <time>',
        'how long its detector may not act on the entity again; 0s for not at all (default: response.exempt_for, 24h)',
      ),
    )
    .addOption(new Option('--by <name>', 'who decided (default: the name of this user)'))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n  $ picket decisions remove 0123456789abcdef0123456789abcdef\n  $ picket decisions remove 0123456789abcdef0123456789abcdef --exempt-for 7d',
    )
    .action(removeDecision)
}

async function listDecisions(flags: ListFlags): Promise<void> {
  const stored = await statePlace(flags).read(['decisions'], (state) => state.decisions())
  const now = Date.now()
  const decisions = stored
    .filter(({ from, until }) => from <= now && now < until)
    .sort((left, right) => left.until - right.until || (left.id < right.id ? -1 : 1))
  if (flags.json) for (const decision of decisions) stdout.write(`${decisionLine(decision)}\n`)
  else stdout.write(`${decisionsTable(decisions, 'no decisions in force')}\n`)
}
