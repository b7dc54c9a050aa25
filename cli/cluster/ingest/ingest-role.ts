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
import { type InputOptions, InputPartition } from './input-partition.ts'
import type { IngestTally } from './tally.ts'

/** Reads the sources, each as a member of its group, until the signal. */
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
  await Promise.all(cluster.sources.map((source) => ingestSource({ cluster, source, tally, setup })))
}

async function ingestSource({
  cluster,
  source,
  tally,
  setup,
}: Pick<InputOptions, 'cluster' | 'source' | 'tally' | 'setup'>): Promise<void> {
  const { config, key, kafka, loaded, clock, log, signal, sessionMs, isCopied } = cluster
  const openLane = laneFactory({ config, key, wanted: wantedFields(loaded.detectors, isCopied), clock })
  const notice = (text: string) => log.warn({ source: source.name }, text)
  const traits = sourceTraits(source)
  await readGroup({
    kafka,
    group: source.group,
    // Patterns are refused with `cluster`.
    topics: source.topics.flatMap(({ name }) => name ?? []),
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
}
