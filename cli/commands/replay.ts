import { performance } from 'node:perf_hooks'
import { stderr, stdout } from 'node:process'
import { Command, Option } from 'commander'
import { type Severity, severities } from '../../core/detector/finding.ts'
import type { DeadLetter } from '../../core/event/refusal.ts'
import { type FormatId, formatIds } from '../../ingest/formats/formats.ts'
import { findingLine } from '../render/finding-line.ts'
import { findingsTable, shortTime } from '../render/findings-table.ts'
import { Progress } from '../render/progress.ts'
import { runsTable } from '../render/runs-table.ts'
import { safeText } from '../render/safe-text.ts'
import { loadBaselineFile } from '../runtime/baseline-file.ts'
import { DeadLetterFile } from '../runtime/dead-letter-file.ts'
import { ExitError, exitCodes } from '../runtime/exit.ts'
import { load } from '../runtime/load.ts'
import { type Replayed, replay } from '../runtime/replay.ts'
import { unreadHint } from '../runtime/unread-hint.ts'
import { configOption, formatOption, jsonOption, workersOption } from './options.ts'

interface ReplayFlags {
  readonly config?: string
  readonly json?: boolean
  readonly format?: FormatId
  readonly failOn?: Severity
  readonly baseline?: string
  readonly workers?: number
  readonly deadLetters?: string
}

export function replayCommand(): Command {
  return new Command('replay')
    .description(
      'Judges recorded events by the code that judges live ones. Starts empty, writes nothing, acts on nothing.',
    )
    .argument(
      '<file...>',
      'logs, plain or .gz, merged by time; - for standard input; kafka://host:port/topic for a topic up to its end',
    )
    .addOption(configOption())
    .addOption(formatOption())
    .addOption(jsonOption())
    .addOption(workersOption())
    .addOption(
      new Option('--dead-letters <file>', 'write each refused input to a new file, one JSON object a line'),
    )
    .addOption(new Option('--baseline <file>', 'baseline snapshot made by picket baseline build'))
    .addOption(
      new Option('--fail-on <severity>', 'exit with 3 when there is a finding this severe or worse').choices([
        ...severities,
      ]),
    )
    .addHelpText(
      'after',
      `
Prints each final finding once, in its last state, ordered by the time of its last event, then by id.
Progress and notices go to standard error, with an example of each reason for which inputs were refused.

Examples:
  $ picket replay access.log access.log.1.gz
  $ zcat events.ndjson.gz | picket replay - --json | jq .entity
  $ picket replay recording.ndjson --fail-on high
  $ picket replay access.log --dead-letters refused.ndjson
  $ picket replay big.ndjson --workers 2`,
    )
    .action(async (inputs: string[], flags: ReplayFlags) => {
      const loaded = load(flags.config)
      const progress = new Progress(() => performance.now())
      const started = performance.now()
      const baseline = flags.baseline === undefined ? undefined : loadBaselineFile(flags.baseline)
      const deadLetters = flags.deadLetters === undefined ? undefined : new DeadLetterFile(flags.deadLetters)
      const replayed = await replay({
        loaded,
        inputs,
        ...(flags.format ? { format: flags.format } : {}),
        ...(baseline ? { baseline } : {}),
        workers: flags.workers ?? loaded.config.workers,
        ...(deadLetters ? { onDeadLetter: (letter: DeadLetter) => deadLetters.add(letter) } : {}),
        onProgress: (tally, time) =>
          progress.show(() => `${shortTime(time)}  ${tally.summary()}, ${tally.findings.size} findings`),
      }).finally(() => deadLetters?.close())
      progress.done()
      if (flags.json) for (const finding of replayed.findings) stdout.write(`${findingLine(finding)}\n`)
      else if (!isUnread(replayed)) printTables(replayed)
      const seconds = ((performance.now() - started) / 1000).toFixed(1)
      const formats = [...replayed.formats].map(
        ([partition, format]) => `${safeText(partition, 1000)}: ${format ?? 'format unknown'}`,
      )
      if (formats.length > 0) stderr.write(`${formats.join(', ')}\n`)
      stderr.write(`${replayed.tally.summary()}, in ${seconds} s; manifest ${replayed.manifest}\n`)
      for (const notice of replayed.notices) stderr.write(`notice: ${notice}\n`)
      for (const { playbook, message } of replayed.tally.problems.slice(0, 5))
        stderr.write(`playbook ${playbook}: ${message}\n`)
      for (const { position, reason, detail, raw } of replayed.tally.examples) {
        const { partition, offset } = position
        stderr.write(
          `refused ${safeText(partition, 1000)} at byte ${offset}: ${reason}: ${safeText(detail, 200)}: ${safeText(raw, 80)}\n`,
        )
      }
      failOnUnread(replayed, inputs)
      failOn(replayed, flags.failOn)
    })
}

function printTables(replayed: Replayed): void {
  const isPart = replayed.failures.length > 0
  // `no findings` would be read as a clean bill of health.
  if (isPart && replayed.findings.length === 0)
    stdout.write('Nothing was found in the part that could be read.\n')
  else stdout.write(`${findingsTable(replayed.findings)}\n`)
  if (isPart) stdout.write('Reading broke off, so this is not the whole.\n')
  if (replayed.runs.length > 0)
    stdout.write(`\nWhat the playbooks would have done:\n${runsTable(replayed.runs)}\n`)
}

/** Something was given, and no event came of it. */
function isUnread({ tally, failures }: Replayed): boolean {
  return tally.events === 0 && (tally.refusedTotal > 0 || failures.length > 0)
}

/** Nothing found in what was not read is no clean bill of health: a script must see the difference. */
function failOnUnread(replayed: Replayed, inputs: readonly string[]): void {
  const { failures } = replayed
  if (failures.length > 0)
    throw new ExitError(exitCodes.failed, failures.map(({ message }) => safeText(message, 500)).join('\n'))
  if (!isUnread(replayed)) return
  const hints = inputs.flatMap((input) => unreadHint(input) ?? [])
  const advice = `name the format with --format (${formatIds.join(', ')})`
  throw new ExitError(
    exitCodes.failed,
    `no line could be read, so nothing was judged: ${hints.length > 0 ? hints.join('\n') : advice}`,
  )
}

function failOn({ findings }: Replayed, severity: Severity | undefined): void {
  if (severity === undefined) return
  const least = severities.indexOf(severity)
  const count = findings.filter((finding) => severities.indexOf(finding.severity) >= least).length
  if (count > 0)
    throw new ExitError(
      exitCodes.found,
      `${count} finding${count === 1 ? '' : 's'} of severity ${severity} or above`,
    )
}
