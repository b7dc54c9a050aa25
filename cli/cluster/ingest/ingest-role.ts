import { setMaxListeners } from 'node:events'
import { emptyBaseline } from '../../../core/baseline/baseline.ts'
import { partitionId, topicPartition } from '../../../ingest/sources/kafka/topic-offsets.ts'
import { readGroup } from '../../../storage/kafka/group-reader.ts'
import { createDetection } from '../../runtime/detection.ts'
import { laneFactory } from '../../runtime/lanes.ts'
import { sourceTraits } from '../../runtime/live-sources.ts'
import { runSetup } from '../../runtime/recording/run-setup.ts'
import { wantedFields } from '../../runtime/wanted-fields.ts'
import type { Cluster } from '../cluster.ts'
import { keepSnapshots } from '../replay/kept-snapshots.ts'
import { FirstStarts } from './first-starts.ts'
import { forEachTopics } from './for-each-topics.ts'
import { type InputOptions, InputPartition } from './input-partition.ts'
import type { IngestTally } from './tally.ts'

/** Reads the sources, each as a member of its group, until the signal, or until one of them can't go on. */
export async function ingest(cluster: Cluster, tally: IngestTally): Promise<void> {
  const { config, loaded, key } = cluster
  // Whoever reads knows no baseline.
  const baseline = emptyBaseline
  const options = {
    config,
    detectors: loaded.detectors,
    lane: 'live',
    key,
    keeping: 'nothing',
    baseline,
  } as const
  const setup = runSetup({ ...createDetection(options), config, baseline })
  await keepSnapshots(cluster, setup)
  const failed = new AbortController()
  const signal = AbortSignal.any([cluster.signal, failed.signal])
  setMaxListeners(0, signal)
  const reading = cluster.sources.map((source) =>
    ingestSource({ cluster: { ...cluster, signal }, source, tally, setup }),
  )
  try {
    await Promise.all(reading)
  } finally {
    // Who begins anew reads them all again, and must not find another reader of ours.
    failed.abort()
    await Promise.allSettled(reading)
  }
}

/** Records wait to be collected anyhow, and a request for a few of them costs as much as one for many. */
const readEveryMs = 20

async function ingestSource({
  cluster,
  source,
  tally,
  setup,
}: Pick<InputOptions, 'cluster' | 'source' | 'tally' | 'setup'>): Promise<void> {
  const { config, key, kafka, loaded, clock, log, sessionMs, isCopied } = cluster
  const openLane = laneFactory({ config, key, wanted: wantedFields(loaded.detectors, isCopied), clock })
  const notice = (text: string) => log.warn({ source: source.name }, text)
  const traits = sourceTraits(source)
  const firstStarts = await FirstStarts.of(cluster, source)
  void firstStarts.watch(cluster.signal)
  await forEachTopics(cluster, source.name, async (topics, signal) => {
    setMaxListeners(0, signal)
    await readGroup({
      kafka,
      group: source.group,
      topics,
      sessionMs,
      restMs: readEveryMs,
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
          firstStarts,
          tally,
          setup,
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
