import { Command } from 'commander'
import { baselineCommand } from './commands/baseline.ts'
import { checkCommand } from './commands/check.ts'
import { controlCommand } from './commands/control.ts'
import { deadLettersCommand } from './commands/dead-letters.ts'
import { decisionsCommand } from './commands/decisions.ts'
import { demoCommand } from './commands/demo.ts'
import { detectorsCommand } from './commands/detectors.ts'
import { doctorCommand } from './commands/doctor.ts'
import { findingsCommand } from './commands/findings.ts'
import { ingestCommand } from './commands/ingest.ts'
import { refillCommand } from './commands/refill.ts'
import { replayCommand } from './commands/replay.ts'
import { runCommand } from './commands/run.ts'
import { safeLines } from './render/safe-text.ts'
import { exitCodes } from './runtime/exit.ts'
import { picketVersion } from './runtime/shipped.ts'

/** The command line. Commands are values, so that tests can run them without a process. */
export function createProgram(): Command {
  const program = new Command('picket')
    .description('Finds API abuse in gateway and service events while it happens, and contains it.')
    .version(picketVersion)
    .showSuggestionAfterError()
    .showHelpAfterError('(picket --help lists the commands)')
    .addHelpText(
      'after',
      `
Examples:
  $ picket demo                                   a recorded hour with four attacks, found and contained
  $ picket replay access.log.gz                   judge a log; nothing is acted on
  $ picket ingest try access.log                  show how lines become events
  $ picket check                                  list every problem of picket.yaml and its playbooks
  $ picket doctor --config picket.yaml            see that everything a run needs is there
  $ picket run --config picket.yaml               judge live traffic

Exit codes: 0 done; 1 failed; 2 wrong command line or configuration, or what it names is not here; 3 --fail-on found something; 4 not there or refused.`,
    )
  for (const command of [
    runCommand(),
    replayCommand(),
    checkCommand(),
    findingsCommand(),
    decisionsCommand(),
    deadLettersCommand(),
    controlCommand(),
    ingestCommand(),
    detectorsCommand(),
    doctorCommand(),
    baselineCommand(),
    refillCommand(),
    demoCommand(),
  ]) {
    program.addCommand(command)
  }
  useExitCodes(program)
  return program
}

/** A wrong command line ends with the code for it, at every level; Commander would say 1. */
function useExitCodes(command: Command): void {
  command.exitOverride((error) => {
    throw Object.assign(error, { exitCode: error.exitCode === 0 ? exitCodes.ok : exitCodes.usage })
  })
  // Commander repeats what was typed, or pasted.
  command.configureOutput({ outputError: (text, write) => write(safeLines(text)) })
  for (const inner of command.commands) useExitCodes(inner)
}
