import process from 'node:process'
import type { Decision } from '../../../core/decision/decision.ts'
import type { DecisionTable } from '../../../core/decision/decision-table.ts'
import type { Engine } from '../../../core/engine/engine.ts'
import type { Watermarks } from '../../../core/engine/watermarks.ts'
import type { ExtAuthz } from '../../../enforcement/envoy/ext-authz-server.ts'
import type { EngineTeam } from '../../parallel/engine-team.ts'
import type { Tally } from '../../pipeline/tally.ts'
import type { Copier } from '../copier.ts'
import { picketVersion } from '../shipped.ts'
import type { Sample } from './exposition.ts'
import { backlogSamples, partitionSamples, type SourceBacklog } from './partition-samples.ts'
import type { RunCounts } from './run-counts.ts'
import type { SourceSums } from './source-sums.ts'

/** The parts of a run that count for themselves; they are read when somebody asks. */
export interface RunParts {
  readonly manifest: string
  readonly engine: Pick<Engine, 'watermark' | 'entityCounts' | 'stateBytes'>
  readonly team: Pick<EngineTeam, 'entityCounts' | 'stateBytes'> | undefined
  readonly watermarks: Pick<Watermarks, 'partitions' | 'active'>
  readonly tally: Tally
  readonly table: Pick<DecisionTable, 'list'>
  readonly copier: Pick<Copier, 'memoryBytes' | 'spillBytes' | 'skippedRanges' | 'dropped'> | undefined
}

export interface Collected {
  readonly parts: RunParts | undefined
  /** Those that were opened so far. */
  readonly sources: readonly SourceSums[]
  readonly backlogs: readonly SourceBacklog[]
  readonly counts: RunCounts
  readonly authz: Pick<ExtAuthz, 'counts'> | undefined
  /** Epoch milliseconds. */
  readonly checkpointAt: number | undefined
  readonly now: number
}

/** Everything that /metrics tells at this moment. */
export function collect(collected: Collected): Sample[] {
  const { parts, sources, backlogs, counts, authz, checkpointAt, now } = collected
  const answers = Object.entries(authz?.counts() ?? {})
  return [
    one('build', 1, picketVersion, parts?.manifest ?? ''),
    ...laneSamples(sources),
    ...backlogSamples(backlogs),
    ...runSamples(counts),
    ...answers.map(([result, n]) => one('answers', n, result)),
    ...(checkpointAt === undefined ? [] : [one('checkpointTime', checkpointAt / 1000)]),
    ...(parts ? partSamples(parts, now) : []),
    ...processSamples(),
  ]
}

export function one(metric: Sample['metric'], value: number, ...labels: readonly string[]): Sample {
  return { metric, labels, value }
}

/** What was made durable. */
export function runSamples({ findings, steps, checkpoints }: RunCounts): Sample[] {
  return [
    ...[...findings].map(([detector, severity, n]) => one('findings', n, detector, severity)),
    ...[...steps].map(([action, outcome, n]) => one('steps', n, action, outcome)),
    { metric: 'checkpoint', labels: [], value: checkpoints.counts() },
  ]
}

export function laneSamples(sources: readonly SourceSums[]): Sample[] {
  return sources.flatMap(({ name, records, accepted, late, marksIgnored }) => [
    one('records', records, name),
    one('events', accepted, name),
    one('late', late, name),
    one('marksIgnored', marksIgnored, name),
  ])
}

function partSamples(parts: RunParts, now: number): Sample[] {
  const { engine, team, watermarks, tally, table, copier } = parts
  return [
    ...partitionSamples(watermarks.partitions, now),
    ...(Number.isFinite(engine.watermark) ? [one('sealLag', (now - engine.watermark) / 1000)] : []),
    ...tallySamples(tally),
    ...decisionSamples(table.list()),
    ...byDetector('stateBytes', engine.stateBytes(), team?.stateBytes),
    ...byDetector('stateEntities', engine.entityCounts(), team?.entityCounts),
    ...(copier
      ? [
          one('copiesMemory', copier.memoryBytes),
          one('spill', copier.spillBytes),
          one('skippedRanges', copier.skippedRanges),
          ...[...copier.dropped].map(([table, n]) => one('skippedRows', n, table)),
        ]
      : []),
  ]
}

/** What did not become events. */
export function tallySamples({ refusedBy, lostBy }: Pick<Tally, 'refusedBy' | 'lostBy'>): Sample[] {
  return [
    ...[...refusedBy].flatMap(([source, reasons]) =>
      [...reasons].map(([reason, n]) => one('refused', n, source, reason)),
    ),
    ...[...lostBy].map(([source, n]) => one('lost', n, source)),
  ]
}

export function decisionSamples(inForce: readonly Decision[]): Sample[] {
  const decisions = new Map<string, number>()
  for (const { type, scope } of inForce) {
    const key = `${type} ${scope}`
    decisions.set(key, (decisions.get(key) ?? 0) + 1)
  }
  return [...decisions].map(([key, n]) => one('decisions', n, ...key.split(' ')))
}

function byDetector(
  metric: 'stateBytes' | 'stateEntities',
  own: ReadonlyMap<string, number>,
  others: ReadonlyMap<string, number> = new Map(),
): Sample[] {
  return [...own, ...others].map(([detector, value]) => one(metric, value, detector))
}

export function processSamples(): Sample[] {
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed } = process.memoryUsage()
  return [
    one('busy', performance.eventLoopUtilization().active / 1000),
    one('cpu', (user + system) / 1e6),
    one('resident', rss),
    one('heap', heapUsed),
    one('started', performance.timeOrigin / 1000),
  ]
}
