import type { PicketConfig } from '../../../config/picket-config.ts'
import { topicLayout } from '../../../storage/kafka/topic-layout.ts'
import { Tally } from '../../pipeline/tally.ts'
import type { Cut } from '../../runtime/recording/recorded-run.ts'
import {
  type RecordedFindings,
  type ReplayRecordedOptions,
  withNotes,
} from '../../runtime/recording/replay-recorded.ts'
import type { StoredDetection } from '../../runtime/recording/stored-detection.ts'
import { type ClusterRecording, clusterRecording } from './cluster-recording.ts'
import { CollectingAgain } from './collecting-again.ts'
import { JudgedPartition } from './judged-partition.ts'
import { type RecordedCluster, recordedCluster } from './recorded-cluster.ts'
import { RecordedInputs } from './recorded-inputs.ts'
import { StoredDetections } from './stored-detections.ts'

export interface ReplayClusterOptions extends Omit<ReplayRecordedOptions, 'recording' | 'dataDir'> {
  readonly config: PicketConfig
  readonly cluster: NonNullable<PicketConfig['cluster']>
}

/** Where a partition of entities stood, and what was in force on the way there. */
interface Step {
  readonly judged: JudgedPartition
  readonly cut: Cut
  readonly detection: StoredDetection
}

/**
 * Judges again what a cluster judged, from the topics that it read: the same events, dealt to the same partitions of
 * entities, each sealed up to the same points under the same manifests, without what was late or refused. Reads each input
 * once, writes nothing and acts on nothing.
 *
 * @throws NotRecorded, RangeGone, ExitError
 */
export async function replayCluster(options: ReplayClusterOptions): Promise<RecordedFindings> {
  const { config, manifest } = options
  return judgeAgain(await clusterRecording(config, manifest === undefined ? [] : [manifest]), options)
}

/** Judges by what is recorded. */
export async function judgeAgain(
  recording: ClusterRecording,
  { cluster, manifest, signal, onProgress }: Omit<ReplayClusterOptions, 'config'>,
): Promise<RecordedFindings> {
  const topics = topicLayout(cluster)
  const { partitions, inputs } = recordedCluster(recording, topics.control.name)
  const detections = new StoredDetections(recording, topics.manifests.name, manifest)
  const tally = new Tally()
  const steps = stepsOf(partitions, detections, tally)
  const judged = [...new Set(steps.map((step) => step.judged))]
  const byNumber = new Map(judged.map((one) => [one.recorded.partition, one]))
  const dealt = Array.from({ length: cluster.partitions }, (_, partition) => byNumber.get(partition))
  const collecting = new Map<StoredDetection, CollectingAgain>()
  const input = new RecordedInputs({
    inputs,
    recording,
    detectionOf: (digest) => detections.of(digest),
    tally,
    signal,
    onEvents(events, readBy) {
      const known =
        collecting.get(readBy) ??
        new CollectingAgain({ readBy, layout: detections.layoutOf(readBy), partitions: dealt })
      collecting.set(readBy, known)
      known.take(events)
    },
  })
  try {
    // Reading ahead for one partition harms no other: what comes early waits in open panes.
    for (const step of steps.sort((left, right) => left.cut.at - right.cut.at)) {
      for (const [key, to] of step.cut.positions) await input.readTo(key, to)
      for (const one of collecting.values()) one.deal()
      await step.judged.seal(step.cut.at, step.detection)
      onProgress?.(tally, step.judged.watermark)
    }
  } finally {
    await input.close()
  }
  const found = (await Promise.all(judged.map((one) => one.findings()))).flat()
  const notes = manifest === undefined ? partitions.flatMap(({ run }) => run.notes) : []
  return {
    findings: withNotes(found, notes),
    tally,
    manifests: [...new Set(steps.map(({ detection }) => detection.digest))],
    lateNow: judged.reduce((sum, one) => sum + one.lateNow, 0),
    end: Math.max(...judged.map(({ watermark }) => watermark)),
  }
}

function stepsOf(
  partitions: RecordedCluster['partitions'],
  detections: StoredDetections,
  tally: Tally,
): Step[] {
  return partitions.flatMap((recorded) => {
    const eras = recorded.run.eras.map(({ manifest, cuts }) => ({ detection: detections.of(manifest), cuts }))
    const [first] = eras
    if (!first) return []
    const judged = new JudgedPartition(recorded, { first: first.detection, tally, detections })
    return eras.flatMap(({ detection, cuts }) => cuts.map((cut) => ({ judged, cut, detection })))
  })
}
