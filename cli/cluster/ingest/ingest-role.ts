import { setMaxListeners } from 'node:events'
import { partitionId, topicPartition } from '../../../ingest/sources/kafka/topic-offsets.ts'
import { readGroup } from '../../../storage/kafka/group-reader.ts'
import { laneFactory } from '../../runtime/lanes.ts'
import { sourceTraits } from '../../runtime/live-sources.ts'
import { wantedFields } from '../../runtime/wanted-fields.ts'
import type { Cluster, KafkaSourceConfig } from '../cluster.ts'
import { firstStarts } from './first-starts.ts'
import { forEachTopics } from './for-each-topics.ts'
import { InputPartition } from './input-partition.ts'
import type { IngestTally } from './tally.ts'

/** Reads the sources, each as a member of its group, until the signal, or until one of them can't go on. */
export async function ingest(cluster: Cluster, tally: IngestTally): Promise<void> {
  const failed = new AbortController()
  const signal = AbortSignal.any([cluster.signal, failed.signal])
  setMaxListeners(0, signal)
  const reading = cluster.sources.map((source) => ingestSource({ ...cluster, signal }, source, tally))
  try {
    await Promise.all(reading)
  } finally {
    // Who begins anew reads them all again, and must not find another reader of ours.
    failed.abort()
    await Promise.allSettled(reading)
  }
}

async function ingestSource(cluster: Cluster, source: KafkaSourceConfig, tally: IngestTally): Promise<void> {
  const { config, key, kafka, loaded, clock, log, sessionMs, isCopied } = cluster
  const openLane = laneFactory({ config, key, wanted: wantedFields(loaded.detectors, isCopied), clock })
  const notice = (text: string) => log.warn({ source: source.name }, text)
  const traits = sourceTraits(source)
  const firstStart = await firstStarts(cluster, source)
  await forEachTopics(cluster, source.name, async (topics, signal) => {
    setMaxListeners(0, signal)
    await readGroup({
      kafka,
      group: source.group,
      topics,
      sessionMs,
      signal,
      onReader: (report) => cluster.status.reading({ role: 'ingest', source: source.name, report }),
      onNotice: notice,
      placeOf: partitionId,
      open: (options) =>
        InputPartition.open({
          ...options,
          ...topicPartition(options.place.id),
          cluster,
          source,
          firstStart,
          tally,
          openLane: (id, { offset, left }) =>
            openLane(traits, id, {
              from: offset,
              ...(left && { gate: left.gate }),
              ...(left?.format && { formatBefore: left.format }),
            }),
        }),
    })
  })
}
