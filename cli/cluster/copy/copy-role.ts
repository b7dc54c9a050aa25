import { join } from 'node:path'
import { readGroup } from '../../../storage/kafka/group-reader.ts'
import { KeptRows } from '../../../storage/spill/kept-rows.ts'
import { SkippedLog } from '../../../storage/spill/skipped-log.ts'
import { openAnalytics } from '../../runtime/analytics.ts'
import type { Cluster } from '../cluster.ts'
import type { HeldPartitions } from '../holding.ts'
import { CopyPartition } from './copy-partition.ts'
import { CopySender } from './copy-sender.ts'
import type { CopyTally } from './tally.ts'

/** Takes rows from the topic of copies to ClickHouse, for the partitions that the group gives this process, until the signal. */
export async function copy(cluster: Cluster, tally: CopyTally): Promise<void> {
  const { config, kafka, topics, prefix, sessionMs, signal, log, status } = cluster
  const report = (problem: string) => log.warn({ role: 'copy' }, problem)
  const folder = join(config.data_dir, 'spill')
  const skipped = await SkippedLog.open(folder)
  const analytics = await openAnalytics(config, report)
  if (!analytics) throw new Error('copies need `clickhouse.url` in picket.yaml')
  const kept = new KeptRows(folder, { storeNow: () => analytics.store.now() })
  const sender = new CopySender({ store: analytics.store, report, skipped, kept })
  const held: HeldPartitions = new Map()
  try {
    await readGroup({
      kafka,
      group: `${prefix}.copy`,
      topics: [topics.copies.name],
      sessionMs,
      signal,
      onReader: (told) => status.reading({ role: 'copy', report: told }),
      onNotice: report,
      placeOf: (_topic, partition) => String(partition),
      open: (work) =>
        CopyPartition.open({
          ...work,
          cluster,
          partition: Number(work.place.id),
          sender,
          held,
          onSent: ({ stored, refused }) => {
            tally.copied += stored
            tally.skipped += refused
            status.copied(stored, refused)
          },
        }),
    })
  } finally {
    await analytics.close()
    await skipped.flush()
  }
}
