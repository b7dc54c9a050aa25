import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { stderr, stdout } from 'node:process'
import { Command, Option } from 'commander'
import type { Baseline } from '../../core/baseline/baseline.ts'
import { parseBaseline } from '../../core/baseline/baseline-codec.ts'
import { AnalyticsError } from '../../storage/clickhouse/analytics-error.ts'
import { baselineHead, baselineMeasures, baselineSummary } from '../render/baseline-summary.ts'
import { jsonLine } from '../render/json-line.ts'
import { safeText } from '../render/safe-text.ts'
import { renderTable } from '../render/table.ts'
import { connectAnalytics, wantsAnalytics } from '../runtime/analytics.ts'
import { baselineBuilder, baselinePath, NoHistory, writeBaseline } from '../runtime/baseline-build.ts'
import { baselineOf } from '../runtime/baseline-file.ts'
import { controlRequest, problemOf } from '../runtime/control-client.ts'
import { type BaselineRequest, baselineRequest, issuesText } from '../runtime/control-requests.ts'
import { type DataDirFlags, dataDirOf, loadWithDataDir } from '../runtime/data-dir.ts'
import { ExitError, exitCodes } from '../runtime/exit.ts'
import { requireState } from '../runtime/read-state.ts'
import { configOption, dataDirOption, jsonOption } from './options.ts'

interface BuildFlags extends DataDirFlags {
  readonly from: string
  readonly lane: string
  readonly out?: string
  readonly json?: boolean
}

/** The query behind it is stopped by the store after two minutes, and may wait as long for one before it. */
const buildTimeoutMs = 300_000

export function baselineCommand(): Command {
  const command = new Command('baseline')
    .description('Builds and shows what detectors hold to be usual.')
    .addHelpText('after', '\nExamples:\n  $ picket baseline build --from 28d\n  $ picket baseline show')
  command
    .command('build')
    .description(
      'Cuts a baseline from the sealed panes in ClickHouse, up to the last full hour of event time.',
    )
    .addOption(configOption())
    .addOption(dataDirOption())
    .addOption(new Option('--from <time>', 'how far back').default('14d'))
    .addOption(
      new Option('--lane <lane>', 'whose panes')
        .choices(['live', 'replay', 'shadow', 'exercise'])
        .default('live'),
    )
    .addOption(new Option('--out <file>', 'write it there, and leave what is in force'))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Without --out it is written to baseline.json in the data folder, and picket run puts it in force at its next start.
Works beside a running picket run. Panes of windows that were judged an attack are left out.

Examples:
  $ picket baseline build
  $ picket baseline build --from 28d --out four-weeks.json
  $ picket replay access.log --baseline four-weeks.json`,
    )
    .action(buildCommand)
  command
    .command('show', { isDefault: true })
    .description(
      'The baseline in the data folder: its name, span, and what it knows by detector and measure.',
    )
    .addOption(configOption())
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExamples:\n  $ picket baseline show\n  $ picket baseline show --json')
    .action(showBaseline)
  return command
}

async function buildCommand(flags: BuildFlags): Promise<void> {
  const { from, lane, out, json } = flags
  const body = { from, lane, keep: out === undefined }
  const request = baselineRequest.safeParse(body)
  if (!request.success) throw new ExitError(exitCodes.usage, safeText(issuesText(request.error), 500))
  const dataDir = dataDirOf(flags)
  const baseline = (await buildThere(dataDir, body)) ?? (await buildHere(flags, request.data))
  if (out !== undefined) writeBaseline(out, baseline)
  const file = out ?? baselinePath(dataDir)
  if (json) {
    stdout.write(`${jsonLine({ ...baselineSummary(baseline), file })}\n`)
    return
  }
  const next = out === undefined ? '; picket run puts it in force at its next start' : ''
  stdout.write(`${baselineHead(baseline)}\nwritten to ${file}${next}\n`)
}

/** In the running `picket run`, which has the embedded engine's folder locked; `undefined` when it can't or none runs. */
async function buildThere(dataDir: string, body: object): Promise<Baseline | undefined> {
  const answer = await controlRequest(dataDir, {
    method: 'POST',
    path: '/baseline',
    body,
    timeoutMs: buildTimeoutMs,
  })
  if (!answer || answer.status === 501) return undefined
  if (answer.status < 300) return parseBaseline(JSON.stringify(answer.body), 'the answer of picket run')
  const { detail } = problemOf(answer)
  throw new ExitError(answer.status === 409 ? exitCodes.refused : exitCodes.failed, safeText(detail, 1000))
}

async function buildHere(flags: BuildFlags, request: BaselineRequest): Promise<Baseline> {
  const { config } = loadWithDataDir(flags)
  if (!wantsAnalytics(config)) {
    throw new ExitError(
      exitCodes.refused,
      'no history is kept, because clickhouse.embedded is false and there is no clickhouse.url: set one of them, and let picket run collect two weeks',
    )
  }
  const { data_dir: dataDir, space } = config
  // A server may hold what other machines saw; the embedded engine holds what picket run saw here.
  if (config.clickhouse.url === undefined && !existsSync(join(dataDir, 'clickhouse')))
    await requireState(dataDir)
  try {
    const { store, close } = await connectAnalytics(config, (problem) => stderr.write(`${problem}\n`))
    try {
      return await baselineBuilder({ dataDir, space, store })(request)
    } finally {
      await close()
    }
  } catch (error) {
    if (error instanceof NoHistory) throw new ExitError(exitCodes.refused, error.message)
    if (error instanceof AnalyticsError) throw new ExitError(exitCodes.failed, safeText(error.message, 1500))
    throw error
  }
}

async function showBaseline(flags: DataDirFlags & { readonly json?: boolean }): Promise<void> {
  const dataDir = dataDirOf(flags)
  const path = baselinePath(dataDir)
  const baseline = baselineOf(path)
  if (baseline.snapshot.histories.length === 0) await requireState(dataDir)
  if (flags.json) {
    stdout.write(`${jsonLine(baselineSummary(baseline))}\n`)
    return
  }
  if (baseline.snapshot.histories.length === 0) {
    stdout.write(
      `no baseline in ${path}: detectors use the floors of their settings; picket baseline build makes one\n`,
    )
    return
  }
  const table = renderTable(
    baselineMeasures(baseline),
    [
      { heading: 'DETECTOR', text: ({ detector, version }) => `${detector} ${version}` },
      { heading: 'MEASURE', text: ({ measure }) => measure },
      { heading: 'ENTITIES', text: ({ entities }) => String(entities) },
      { heading: 'GROUPS', text: ({ groups }) => groups.join(' ') },
    ],
    'no histories',
  )
  stdout.write(`${baselineHead(baseline)}\n\n${table}\n`)
}
