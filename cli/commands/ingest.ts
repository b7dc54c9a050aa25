import { Command } from 'commander'
import { ingestTryCommand } from './ingest-try.ts'

export function ingestCommand(): Command {
  return new Command('ingest')
    .description('Shows how lines of a log become events.')
    .addHelpText('after', '\nExamples:\n  $ picket ingest try access.log')
    .addCommand(ingestTryCommand())
}
