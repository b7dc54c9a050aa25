import type { SourceMarker } from '../../../core/cluster/observation.ts'
import type { SourceTimes } from '../../../core/cluster/source-times.ts'
import type { Decision } from '../../../core/decision/decision.ts'
import type { Engine } from '../../../core/engine/engine.ts'
import type { PartitionTime } from '../../../core/engine/watermarks.ts'
import { partitionKey } from '../../../core/event/position.ts'
import { partitionId } from '../../../ingest/sources/kafka/topic-offsets.ts'
import type { GroupReport } from '../../../storage/kafka/partition-work.ts'
import type { Tally } from '../../pipeline/tally.ts'
import { picketVersion } from '../../runtime/shipped.ts'
import {
  decisionSamples,
  laneSamples,
  one,
  processSamples,
  runSamples,
  tallySamples,
} from '../../runtime/status/collect.ts'
import type { Sample } from '../../runtime/status/exposition.ts'
import { backlogSamples, partitionSamples } from '../../runtime/status/partition-samples.ts'
import type { RunCounts } from '../../runtime/status/run-counts.ts'
import type { SourceSums } from '../../runtime/status/source-sums.ts'
import type { Role } from '../roles.ts'

/** A partition of entities that is judged here. */
export interface Judge {
  readonly engine: Pick<Engine, 'watermark' | 'entityCounts' | 'stateBytes'>
  readonly times: Pick<SourceTimes, 'markers'>
}

export interface ClusterNumbers {
  readonly now: number
  readonly manifest: string
  readonly counts: RunCounts
  readonly sources: readonly SourceSums[]
  readonly judges: readonly Judge[]
  /** Rows for ClickHouse. */
  readonly copies: { readonly stored: number; readonly refused: number }
  readonly late: number
  /** By source. */
  readonly lateEvents: ReadonlyMap<string, number>
  readonly foreign: number
  readonly tally: Pick<Tally, 'refusedBy' | 'lostBy'>
  readonly members: readonly (GroupReport & { readonly role: Role; readonly source?: string })[]
  readonly decisions: readonly Decision[]
  readonly answers: Readonly<Record<string, number>>
  /** Epoch milliseconds. */
  readonly committedAt: number | undefined
}

/** Everything that /metrics tells of a process of a cluster, under the names that one process has. */
export function clusterSamples(numbers: ClusterNumbers): Sample[] {
  const {
    manifest,
    counts,
    sources,
    tally,
    judges,
    late,
    lateEvents,
    foreign,
    copies,
    members,
    decisions,
    answers,
    committedAt,
  } = numbers
  return [
    one('build', 1, picketVersion, manifest),
    // Whether an event is late is known where it is judged.
    ...laneSamples(sources).filter(({ metric }) => metric !== 'late'),
    ...tallySamples(tally),
    ...groupSamples(numbers),
    ...[...lateEvents].map(([source, n]) => one('late', n, source)),
    ...(judges.length > 0 ? [one('lateObservations', late), one('foreignObservations', foreign)] : []),
    ...judgeSamples(numbers),
    ...(members.some(({ role }) => role === 'copy')
      ? [one('copiedRows', copies.stored), one('refusedRows', copies.refused)]
      : []),
    ...runSamples(counts),
    ...decisionSamples(decisions),
    ...Object.entries(answers).map(([result, n]) => one('answers', n, result)),
    ...(committedAt === undefined ? [] : [one('checkpointTime', committedAt / 1000)]),
    ...processSamples(),
  ]
}

/** What waits in front of each role, and which of its places work. */
function groupSamples({ members }: ClusterNumbers): Sample[] {
  const backlogs = members.flatMap(({ source, places }) => {
    const backlog = places.flatMap(({ lag }) =>
      lag.map(({ topic, partition, messages }) => ({
        partition: partitionId(topic, partition),
        records: messages,
      })),
    )
    return source === undefined ? [] : [{ source, backlog }]
  })
  const own = members.filter(({ source }) => source === undefined)
  const states = new Map<string, number>()
  for (const { role, places } of members) {
    for (const { notReady } of places) {
      const key = `${role} ${notReady === undefined ? 'working' : 'waiting'}`
      states.set(key, (states.get(key) ?? 0) + 1)
    }
  }
  return [
    ...backlogSamples(backlogs),
    ...own.flatMap(({ role, places }) =>
      places.flatMap(({ lag }) =>
        lag.map(({ topic, partition, messages }) =>
          one('clusterLag', messages, role, topic, String(partition)),
        ),
      ),
    ),
    ...[...states].map(([key, count]) => one('places', count, ...key.split(' '))),
  ]
}

function judgeSamples({ judges, now }: ClusterNumbers): Sample[] {
  // All judges are told of all input partitions; the one that is furthest behind knows what holds findings back.
  const [first] = [...judges].sort((left, right) => left.engine.watermark - right.engine.watermark)
  if (!first) return []
  const { watermark } = first.engine
  const bytes = new Map<string, number>()
  const entities = new Map<string, number>()
  for (const { engine } of judges) {
    for (const [detector, count] of engine.stateBytes())
      bytes.set(detector, count + (bytes.get(detector) ?? 0))
    for (const [detector, count] of engine.entityCounts())
      entities.set(detector, count + (entities.get(detector) ?? 0))
  }
  return [
    ...partitionSamples([...first.times.markers].map(timeOf), now),
    ...(Number.isFinite(watermark) ? [one('sealLag', (now - watermark) / 1000)] : []),
    ...[...bytes].map(([detector, value]) => one('stateBytes', value, detector)),
    ...[...entities].map(([detector, value]) => one('stateEntities', value, detector)),
  ]
}

function timeOf({ source, partition, time, latenessMs, isIdle }: SourceMarker): PartitionTime {
  const state = isIdle ? 'idle' : 'active'
  return { partition: partitionKey(source, partition), state, watermark: time - latenessMs }
}
