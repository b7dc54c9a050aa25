import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { stderr, stdout } from 'node:process'
import { Command, Option } from 'commander'
import type { PicketConfig } from '../../config/picket-config.ts'
import type { Baseline } from '../../core/baseline/baseline.ts'
import { parseBaseline } from '../../core/baseline/baseline-codec.ts'
import { AnalyticsError } from '../../storage/clickhouse/analytics-error.ts'
import { baselineHead, baselineMeasures, baselineSummary } from '../render/baseline-summary.ts'
import { jsonLine } from '../render/json-line.ts'
import { safeText } from '../render/safe-text.ts'
import { renderTable } from '../render/table.ts'
import { connectAnalytics, wantsAnalytics } from '../runtime/analytics.ts'
import { baselineBuilder, baselinePath, NoHistory, writeBaseline } from '../runtime/baseline-build.ts'
import { baselineOf, loadBaselineFile } from '../runtime/baseline-file.ts'
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
Without --out it is written to baseline.json in the data folder, and picket run puts it in force at its next start. With
a cluster configured it is put into Kafka instead, and all processes that judge go by it within seconds.
Works beside a running picket run. Panes of windows that were judged an attack are left out.

Examples:
  $ picket baseline build
  $ picket baseline build --from 28d --out four-weeks.json
  $ picket replay access.log --baseline four-weeks.json`,
    )
    .action(buildCommand)
  command
    .command('use')
    .description('Puts a baseline from a file in force, such as an older one.')
    .argument('<file>', 'what picket baseline build --out has written')
    .addOption(configOption())
    .addOption(dataDirOption())
    .addHelpText('after', '\nExamples:\n  $ picket baseline use four-weeks.json')
    .action(useBaseline)
  command
    .command('show', { isDefault: true })
    .description(
      'The baseline in the data folder (of a cluster: in Kafka): its name, span, and what it knows by detector and measure.',
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
  const cluster = clusterOf(flags)
  const body = { from, lane, keep: out === undefined && cluster === undefined }
  const request = baselineRequest.safeParse(body)
  if (!request.success) throw new ExitError(exitCodes.usage, safeText(issuesText(request.error), 500))
  const dataDir = dataDirOf(flags)
  const there = cluster ? undefined : await buildThere(dataDir, body)
  const baseline = there ?? (await buildHere(flags, request.data))
  if (out !== undefined) writeBaseline(out, baseline)
  const published = out === undefined && cluster ? await publish(cluster, baseline) : undefined
  const where = published ?? { file: out ?? baselinePath(dataDir) }
  if (json) stdout.write(`${jsonLine({ ...baselineSummary(baseline), ...where })}\n`)
  else stdout.write(`${baselineHead(baseline)}\n${whereText(where, out === undefined)}\n`)
}

async function useBaseline(file: string, flags: DataDirFlags): Promise<void> {
  const baseline = loadBaselineFile(file)
  const cluster = clusterOf(flags)
  const where = cluster ? await publish(cluster, baseline) : { file: baselinePath(dataDirOf(flags)) }
  if ('file' in where) writeBaseline(where.file, baseline)
  stdout.write(`${baselineHead(baseline)}\n${whereText(where, true)}\n`)
}

/** Where a baseline was put: a file, or the topic that the processes of a cluster follow. */
type Where = { readonly file: string } | { readonly topic: string }

async function publish(cluster: PicketConfig, baseline: Baseline): Promise<Where> {
  const { publishBaseline } = await import('../cluster/baseline/cluster-baseline.ts')
  return { topic: await publishBaseline(cluster, baseline) }
}

function whereText(where: Where, isInForce: boolean): string {
  if ('topic' in where) return `written to topic ${where.topic}: all that judge go by it within seconds`
  const next = isInForce ? '; picket run puts it in force at its next start' : ''
  return `written to ${where.file}${next}`
}

/** The configuration, where it is one of a cluster. A data folder named by hand needs none that is valid. */
function clusterOf(flags: DataDirFlags): PicketConfig | undefined {
  if (flags.dataDir !== undefined && flags.config === undefined) return undefined
  const { config } = loadWithDataDir(flags)
  return config.cluster ? config : undefined
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
      // Panes of a cluster are in ClickHouse alone, and where event time stands only its processes know.
      const clocked = config.cluster && { watermark: () => Date.now() }
      return await baselineBuilder({ dataDir, space, store, ...clocked })(request)
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
  const { baseline, path } = await shown(flags)
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

async function shown(flags: DataDirFlags): Promise<{ readonly baseline: Baseline; readonly path: string }> {
  const cluster = clusterOf(flags)
  if (cluster) {
    const { publishedBaseline } = await import('../cluster/baseline/cluster-baseline.ts')
    return { baseline: await publishedBaseline(cluster), path: 'Kafka' }
  }
  const dataDir = dataDirOf(flags)
  const path = baselinePath(dataDir)
  const baseline = baselineOf(path)
  if (baseline.snapshot.histories.length === 0) await requireState(dataDir)
  return { baseline, path }
}
