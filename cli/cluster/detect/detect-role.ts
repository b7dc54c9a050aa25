import { emptyBaseline } from '../../../core/baseline/baseline.ts'
import { readGroup } from '../../../storage/kafka/group-reader.ts'
import { createDetection } from '../../runtime/detection.ts'
import { runSetup } from '../../runtime/recording/run-setup.ts'
import { aborted } from '../../runtime/signal-waits.ts'
import { followBaseline } from '../baseline/cluster-baseline.ts'
import type { FollowedBaseline } from '../baseline/followed-baseline.ts'
import type { Cluster } from '../cluster.ts'
import type { HeldPartitions } from '../holding.ts'
import { keepSnapshots } from '../replay/kept-snapshots.ts'
import { ClusterWatch } from './cluster-watch.ts'
import { DetectPartition } from './detect-partition.ts'
import type { DetectTally } from './tally.ts'

/** Judges the partitions that the group gives this process by the baseline in force, until the signal. */
export async function detect(cluster: Cluster, tally: DetectTally): Promise<void> {
  const failed = new AbortController()
  const signal = AbortSignal.any([cluster.signal, failed.signal])
  const { followed, ended } = await followBaseline(cluster, signal)
  const judging = judge(cluster, followed, tally, signal)
  try {
    await Promise.race([judging, ended])
  } finally {
    failed.abort()
    await Promise.allSettled([judging, ended])
  }
}

/** Another baseline begins all partitions anew, from what was committed. */
async function judge(
  cluster: Cluster,
  followed: FollowedBaseline,
  tally: DetectTally,
  signal: AbortSignal,
): Promise<void> {
  const { config, loaded, key, kafka, topics, prefix, sessionMs, log, status } = cluster
  const held: HeldPartitions = new Map()
  await Promise.race([followed.isCurrent, aborted(signal)])
  while (!signal.aborted) {
    const { baseline, changed } = followed.inForce
    const options = {
      config,
      detectors: loaded.detectors,
      lane: 'live',
      key,
      keeping: 'packs',
      baseline,
    } as const
    const { digest, manifest } = createDetection(options)
    status.manifest = digest
    // The baseline itself is kept by whoever puts it in force.
    await keepSnapshots(cluster, runSetup({ config, manifest, digest, baseline: emptyBaseline }))
    log.info({ manifest: digest, baseline: baseline.digest }, 'detect begins')
    await readGroup({
      kafka,
      group: `${prefix}.detect`,
      topics: [topics.observations.name, topics.state.name],
      sessionMs,
      signal: AbortSignal.any([signal, changed]),
      onReader: (report) => status.reading({ role: 'detect', report }),
      onNotice: (notice) => log.warn({ role: 'detect' }, notice),
      placeOf: (_topic, partition) => String(partition),
      open: (work) =>
        DetectPartition.open({
          ...work,
          cluster,
          partition: Number(work.place.id),
          openEngine: () => createDetection(options).engine,
          openWatch: (restored) =>
            new ClusterWatch({
              config,
              detectors: loaded.detectors,
              baseline,
              digest,
              restored,
              partition: Number(work.place.id),
            }),
          held,
          manifest: digest,
          onFindings: (findings) => {
            for (const { id, detector, entity, score, state } of findings) {
              log.info({ finding: id, detector, entity, score, state }, 'finding')
            }
            tally.findings += findings.length
            status.counts.committed(findings)
          },
          onLate: (events) => {
            tally.late += events
            status.late += events
            log.warn(
              { partition: work.place.id, events },
              'observations came behind the watermark and were not judged',
            )
          },
        }),
    })
  }
}
