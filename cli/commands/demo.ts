import { performance } from 'node:perf_hooks'
import { stderr, stdout } from 'node:process'
import { Command } from 'commander'
import { demoLines } from '../demo/demo-lines.ts'
import { demoReport } from '../demo/demo-report.ts'
import { nextCommands } from '../demo/next-commands.ts'
import { demoConfig, recording, replayDemo } from '../demo/recorded-hour.ts'
import { reportLayout } from '../render/layout.ts'
import { Progress } from '../render/progress.ts'
import { safeText } from '../render/safe-text.ts'
import { jsonOption } from './options.ts'

const introduction =
  'An hour of an API, recorded: shoppers and machines, four kinds of attack, and honest traffic that looks like them.'

export function demoCommand(): Command {
  return new Command('demo')
    .description(
      'Finds and contains the attacks in a recorded hour of traffic. Writes nothing, acts on nothing.',
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Replays ${recording} under ${demoConfig} in the hour's own time. With --json each line is an object with
a type: finding (as picket replay prints it), run, or decision (those in force at the end of the hour).

Examples:
  $ picket demo
  $ picket demo --json | jq -c 'select(.type == "decision")'
  $ picket demo | less`,
    )
    .action(async (flags: { readonly json?: boolean }) => {
      const progress = new Progress(() => performance.now())
      const started = performance.now()
      if (!flags.json) stdout.write(`${introduction}\n\n`)
      const replayed = await replayDemo((text) => progress.show(text))
      progress.done()
      const seconds = (performance.now() - started) / 1000
      if (flags.json) for (const line of demoLines(replayed)) stdout.write(`${line}\n`)
      else stdout.write(demoReport({ replayed, seconds, next: nextCommands() }, reportLayout(stdout)))
      for (const { playbook, message } of replayed.tally.problems.slice(0, 5))
        stderr.write(`playbook ${playbook}: ${safeText(message, 500)}\n`)
    })
}
