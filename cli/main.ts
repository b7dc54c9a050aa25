#!/usr/bin/env node
import { argv, exit, stderr, stdout } from 'node:process'
import { CommanderError } from 'commander'
import { createProgram } from './program.ts'
import { safeLines } from './render/safe-text.ts'
import { ExitError, exitCodes } from './runtime/exit.ts'

// A reader that goes away early (`picket … | head`) is no failure.
stdout.on('error', (error: NodeJS.ErrnoException) => {
  exit(error.code === 'EPIPE' ? exitCodes.ok : exitCodes.failed)
})

try {
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
