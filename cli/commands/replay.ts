import { performance } from 'node:perf_hooks'
import { stderr, stdout } from 'node:process'
import { Command, Option } from 'commander'
import { type Severity, severities } from '../../core/detector/finding.ts'
import type { DeadLetter } from '../../core/event/refusal.ts'
import { formatIds } from '../../ingest/formats/formats.ts'
import type { Tally } from '../pipeline/tally.ts'
import { findingLine } from '../render/finding-line.ts'
import { findingsTable, shortTime } from '../render/findings-table.ts'
import { Progress } from '../render/progress.ts'
import { runsTable } from '../render/runs-table.ts'
import { safeText } from '../render/safe-text.ts'
import { loadBaselineFile } from '../runtime/baseline-file.ts'
import { loadWithDataDir } from '../runtime/data-dir.ts'
import { DeadLetterFile } from '../runtime/dead-letter-file.ts'
import { ExitError, exitCodes } from '../runtime/exit.ts'
import { load } from '../runtime/load.ts'
import { type Replayed, replay } from '../runtime/replay.ts'
import { unreadHint } from '../runtime/unread-hint.ts'
import { configOption, formatOption, jsonOption, workersOption } from './options.ts'
import { type ManifestFlags, replayState, requireFlags, storedUnder } from './replay-manifest.ts'

interface ReplayFlags extends ManifestFlags {
  readonly json?: boolean
  readonly failOn?: Severity
}

export function replayCommand(): Command {
  return new Command('replay')
    .description(
      'Judges recorded events by the code that judges live ones. Starts empty, writes nothing, acts on nothing.',
    )
    .argument(
      '[file...]',
      'logs, plain or .gz, merged by time; - for standard input; kafka://host:port/topic for a topic up to its end',
    )
    .addOption(
      new Option(
        '--manifest <which>',
        'what to judge by: self (code and configuration of now), live (what picket run judged, as it did), or the digest of a stored manifest',
      ).default('self'),
    )
    .addOption(
      new Option(
        '--data-dir <folder>',
        'with --manifest live or a digest: folder with the state (default: data_dir, or the topics of the cluster)',
      ),
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
  $ picket replay big.ndjson --workers 2

--manifest live reads again, from its sources, what picket run has judged so far, and gives its final findings byte for byte, as
picket findings list --json does. A digest judges the same events, or the named files, by that manifest. Both need the version of Picket that judged then, and the logs or topics that it read.
Of a cluster (cluster in picket.yaml) both read its topics in Kafka.

  $ picket replay --manifest live --json
  $ picket replay --manifest m1:0123456789abcdef yesterday.log`,
    )
    .action(async (inputs: string[], flags: ReplayFlags) => {
      requireFlags(inputs, flags)
      const progress = new Progress(() => performance.now())
      const started = performance.now()
      const onProgress = (tally: Tally, time: number) =>
        progress.show(() => `${shortTime(time)}  ${tally.summary()}, ${tally.findings.size} findings`)
      const replayed = await (flags.manifest !== 'self' && inputs.length === 0
        ? replayState(flags, onProgress)
        : replayFiles(inputs, flags, onProgress))
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

/** Judges the named inputs, by the configuration of now or by a stored manifest. */
async function replayFiles(
  inputs: string[],
  flags: ReplayFlags,
  onProgress: (tally: Tally, time: number) => void,
): Promise<Replayed> {
  const own = flags.manifest === 'self' ? load(flags.config) : loadWithDataDir(flags)
  const stored = flags.manifest === 'self' ? undefined : await storedUnder(flags, own)
  const baseline = flags.baseline === undefined ? stored?.baseline : loadBaselineFile(flags.baseline)
  const deadLetters = flags.deadLetters === undefined ? undefined : new DeadLetterFile(flags.deadLetters)
  return replay({
    loaded: stored ? { ...own, ...stored, config: { ...own.config, ...stored.config } } : own,
    inputs,
    ...(stored ? { key: stored.key } : {}),
    ...(flags.format ? { format: flags.format } : {}),
    ...(baseline ? { baseline } : {}),
    workers: flags.workers ?? own.config.workers,
    ...(deadLetters ? { onDeadLetter: (letter: DeadLetter) => deadLetters.add(letter) } : {}),
    onProgress,
  }).finally(() => deadLetters?.close())
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
