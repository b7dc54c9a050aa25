import type { PicketConfig } from '../../../config/picket-config.ts'
import { snapshotPositions } from '../../../core/cluster/source-times.ts'
import { type ControlRecord, readControl } from '../../../storage/kafka/control-messages.ts'
import type { Recording } from '../../../storage/sqlite/state-logs.ts'
import { NotRecorded, type Recorded } from '../../runtime/recording/recorded-run.ts'
import { withClusterKafka } from '../cluster.ts'
import { readTime } from '../detect/changelog/time-state.ts'
import { formatMarks } from '../ingest/recording-of.ts'
import { readTopics } from '../read/read-topics.ts'
import { KeptSnapshots } from './kept-snapshots.ts'

/** Where the judge of a partition of entities stands. */
export type Standing = Omit<Recorded, 'control'>

/** What the topics of a cluster say of what it has judged. */
export interface ClusterRecording extends Omit<Recording, 'control' | 'positions'> {
  readonly control: readonly ControlRecord[]
  /** By partition of entities; those that have not begun are absent. */
  readonly standings: ReadonlyMap<number, Standing>
}

/**
 * Reads what is recorded of a configured cluster.
 *
 * @throws NotRecorded for a record that can't be read
 * @throws ExitError when Kafka can't be reached, or has no such topics
 */
export async function clusterRecording(
  config: PicketConfig,
  manifests: readonly string[],
): Promise<ClusterRecording> {
  const standings = new Map<number, Standing>()
  // Before the control log, which then has all that led there.
  await readWhole(config, ['state'], (_part, { key, value }, partition) => {
    const time = readTime(String(key), value)
    if (!time) return
    const { watermark, sources } = time
    standings.set(partition, {
      positions: snapshotPositions(sources),
      watermark: Math.max(0, watermark),
    })
  })
  const control: ControlRecord[] = []
  await readWhole(config, ['control'], (_part, message) => {
    const record = readControl(message)
    if (record) control.push(record)
  })
  const named = control.flatMap(({ entry }) => (entry.kind === 'manifest' ? [entry.digest] : []))
  return {
    standings,
    control,
    snapshots: await readSnapshots(config, new Set([...named, ...manifests])),
    marks: await withClusterKafka(config, (kafka) => formatMarks(config, kafka)),
  }
}

/** The texts that a cluster keeps, of baselines those that the given manifests name. Throws as `clusterRecording` does. */
export async function readSnapshots(
  config: PicketConfig,
  manifests: Iterable<string>,
): Promise<ClusterRecording['snapshots']> {
  const kept = new KeptSnapshots()
  await readWhole(config, ['manifests', 'baseline'], (part, { key, value }) => {
    if (part === 'manifests') kept.take(String(key), value)
    else kept.takeInForce(String(key), value)
  })
  return kept.read(manifests)
}

/** As `readTopics`, but what can't be read ends it: without it something else would be judged again. */
async function readWhole(
  config: PicketConfig,
  parts: Parameters<typeof readTopics>[1],
  take: Parameters<typeof readTopics>[2],
): Promise<void> {
  const problems: string[] = []
  await readTopics(config, parts, take, (problem) => problems.push(problem))
  if (problems[0] !== undefined) throw new NotRecorded(problems[0].replace(' and is left out', ''))
}
