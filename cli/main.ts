#!/usr/bin/env node
import { argv, exit, stderr, stdout } from 'node:process'
import { CommanderError } from 'commander'
import { safeLines } from './render/safe-text.ts'
import { ExitError, exitCodes } from './runtime/exit.ts'
import { runSignals } from './runtime/run-signals.ts'

// To load the rest takes a second on a slow machine, in which a SIGHUP would end a run that has logged nothing yet.
if (argv[2] === 'run') runSignals()

// A reader that goes away early (`picket … | head`) is no failure.
stdout.on('error', (error: NodeJS.ErrnoException) => {
  exit(error.code === 'EPIPE' ? exitCodes.ok : exitCodes.failed)
})

try {
  const { createProgram } = await import('./program.ts')
  await createProgram().parseAsync(argv)
} catch (error) {
  // Commander has printed what there is to say.
  if (error instanceof CommanderError) exit(error.exitCode)
  if (error instanceof ExitError) {
    if (error.message !== '') stderr.write(`${safeLines(error.message)}\n`)
    exit(error.code)
  }
  const message = error instanceof Error ? error.message : String(error)
  // Some list several problems, each on a line.
  stderr.write(`picket: ${safeLines(message.slice(0, 4000))}\n`)
  exit(exitCodes.failed)
}
