import { stdout } from 'node:process'
import { Command, Option } from 'commander'
import { loadConfig } from '../../config/load-config.ts'
import { whyNotTaken } from '../../config/playbook/why-not-taken.ts'
import { didYouMean } from '../../config/yaml/did-you-mean.ts'
import { type Finding, type FindingState, type Severity, severities } from '../../core/detector/finding.ts'
import { durationMs, isDuration } from '../../core/time/duration.ts'
import { detectors } from '../../detectors/detectors.ts'
import { findingLine } from '../render/finding-line.ts'
import { type FindingStory, findingPage, findingStoryLine } from '../render/finding-page.ts'
import { findingsTable } from '../render/findings-table.ts'
import { safeText } from '../render/safe-text.ts'
import type { DataDirFlags } from '../runtime/data-dir.ts'
import { ExitError, exitCodes } from '../runtime/exit.ts'
import { configFile } from '../runtime/load.ts'
import { configContext } from '../runtime/shipped.ts'
import { type StatePlace, statePlace } from '../runtime/state-place.ts'
import { configOption, dataDirOption, jsonOption } from './options.ts'

interface ListFlags extends DataDirFlags {
  readonly since?: string
  readonly severity?: Severity
  readonly detector?: string
  readonly state: FindingState
  readonly json?: boolean
}

export function findingsCommand(): Command {
  const command = new Command('findings')
    .description('Reads the findings of picket run, also while it is running; of a cluster from its topics.')
    .addHelpText(
      'after',
      `
Examples:
  $ picket findings
  $ picket findings list --since 24h --severity high
  $ picket findings show f-0123456789abcdef01234567`,
    )
  command
    .command('list', { isDefault: true })
    .description('Final findings, ordered by the time of their last event, then by id.')
    .addOption(configOption())
    .addOption(dataDirOption())
    .addOption(
      new Option('--since <time>', 'last event at or after: a length of time before now (24h), or ISO 8601'),
    )
    .addOption(new Option('--severity <severity>', 'this severe or worse').choices([...severities]))
    .addOption(new Option('--detector <id>', 'of this detector only'))
    .addOption(
      new Option('--state <state>', 'final, or provisional: proved, and not yet judged as a whole')
        .choices(['final', 'provisional'])
        .default('final'),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ picket findings list --since 24h --severity high
  $ picket findings list --detector jti-reuse --json | jq .entity
  $ picket findings list --data-dir /var/lib/picket`,
    )
    .action(listFindings)
  command
    .command('show <id>')
    .description('One finding: evidence, what playbooks did about it step by step, and its decisions.')
    .addOption(configOption())
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ picket findings show f-0123456789abcdef01234567
  $ picket findings show f-0123456789abcdef01234567 --json | jq .runs`,
    )
    .action(showFinding)
  return command
}

async function listFindings(flags: ListFlags): Promise<void> {
  const since = flags.since === undefined ? undefined : instantOf(flags.since)
  const place = statePlace(flags)
  const least = severities.indexOf(flags.severity ?? 'info')
  const all = await place.read(['findings'], (state) => state.findings(since === undefined ? {} : { since }))
  if (flags.detector !== undefined) await requireDetector(flags.detector, place)
  const findings = all.filter(
    ({ state, severity, detector }) =>
      state === flags.state &&
      severities.indexOf(severity) >= least &&
      (flags.detector === undefined || detector === flags.detector),
  )
  if (flags.json) for (const finding of findings) stdout.write(`${findingLine(finding)}\n`)
  else stdout.write(`${findingsTable(findings)}\n`)
}

/** A detector counts as known while it ships, and after that while findings of it are in the state. */
async function requireDetector(id: string, place: StatePlace): Promise<void> {
  if (detectors.some((detector) => detector.id === id)) return
  const stored = await place.read(['findings'], (state) => state.findings())
  const known = new Set(
    [...detectors, ...stored.map(({ detector }) => ({ id: detector }))].map(({ id }) => id),
  )
  if (known.has(id)) return
  const hint = didYouMean(id, known)
  throw new ExitError(
    exitCodes.refused,
    `no detector is called '${safeText(id)}': ${hint === undefined ? `there are ${[...known].join(', ')}` : `did you mean '${hint}'?`}`,
  )
}

/** `24h` before now, or an instant in ISO 8601; epoch milliseconds. */
function instantOf(text: string): number {
  if (isDuration(text)) return Date.now() - durationMs(text)
  const instant = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(instant)) return instant
  const shown = safeText(text)
  throw new ExitError(
    exitCodes.usage,
    `--since ${shown} is no time: write 24h, 7d or 2026-11-22T14:00:00Z (units ms s m h d)`,
  )
}

async function showFinding(id: string, flags: DataDirFlags & { readonly json?: boolean }): Promise<void> {
  const place = statePlace(flags)
  const parts = ['findings', 'response', 'decisions'] as const
  const story = await place.read(parts, async (state): Promise<FindingStory | undefined> => {
    const [finding] = await state.findings({ id })
    if (!finding) return undefined
    const runs = await state.runs({ finding: id })
    const journals = await Promise.all(runs.map((run) => state.journal(run.id)))
    const ids = new Set(runs.map((run) => run.id))
    const decisions = (await state.decisions()).filter(
      ({ run, finding: cause }) => (run !== undefined && ids.has(run)) || isOf(finding, cause),
    )
    return {
      finding,
      runs: runs.map((run, index) => ({ run, journal: journals[index] ?? [] })),
      decisions,
    }
  })
  if (!story) {
    throw new ExitError(
      exitCodes.refused,
      `there is no finding '${safeText(id)}' in ${place.name}: picket findings list shows their ids, and --data-dir names another folder`,
    )
  }
  if (flags.json) stdout.write(`${findingStoryLine(story)}\n`)
  else stdout.write(`${findingPage({ ...story, notTaken: notTaken(story, flags.config) })}\n`)
}

/** By the configuration of now: the one it was judged by is not kept. Nothing when it can't be read. */
function notTaken({ finding, runs }: FindingStory, config: string | undefined): readonly string[] {
  if (runs.length > 0) return []
  const loaded = loadConfig(configFile(config), configContext())
  if (!loaded.ok) return []
  const reasons = loaded.playbooks.map(({ playbook }) => ({
    id: playbook.id,
    reason: whyNotTaken(playbook, finding),
  }))
  const own = reasons.filter(({ reason }) => reason?.isForOthers !== true)
  if (own.length === 0)
    return [`no playbook of ${configFile(config) ?? 'the built-in defaults'} is for ${finding.detector}`]
  return own.map(({ id, reason }) => `${id}: ${reason?.why ?? 'would take it, as it is configured now'}`)
}

function isOf({ id, root }: Finding, cause: string | undefined): boolean {
  return cause === id || cause === root
}
