import type { PicketConfig } from '../../../config/picket-config.ts'
import { partitionKey } from '../../../core/event/position.ts'
import type { ControlEntry } from '../../../core/manifest/control-log.ts'
import { takes } from '../../../ingest/sources/kafka/chosen-topics.ts'
import { partitionId } from '../../../ingest/sources/kafka/topic-offsets.ts'
import { readToEnd } from '../../../storage/kafka/read-to-end.ts'
import type { SkippedRange } from '../../../storage/spill/skipped-range.ts'
import type { Recording } from '../../../storage/sqlite/state-logs.ts'
import { formatMark } from '../../pipeline/marks.ts'
import { topicChoices } from '../../runtime/kafka-topics.ts'
import { type ClusterKafka, withClusterKafka } from '../cluster.ts'
import { readDeadLetterPlace } from './dead-letter-messages.ts'
import { readLeftOff } from './left-off.ts'

/** What of a recording says how records were read. */
type ReadThen = Pick<Recording, 'positions' | 'marks' | 'control'>

/** How the records of some ranges were read in a cluster: in which format, and which of them were refused. */
export async function recordingOf(
  config: PicketConfig,
  ranges: readonly Pick<SkippedRange, 'source' | 'partition' | 'first' | 'last'>[],
): Promise<ReadThen> {
  if (ranges.length === 0) return { positions: new Map(), marks: new Map(), control: [] }
  return withClusterKafka(config, async (kafka) => ({
    positions: new Map(),
    marks: await formatMarks(config, kafka),
    control: await refusedThen(kafka, ranges),
  }))
}

/** By which format each partition is read; a topic that is gone has none. */
export async function formatMarks(
  { sources }: Pick<PicketConfig, 'sources'>,
  { admin }: Pick<ClusterKafka, 'admin'>,
): Promise<Map<string, string>> {
  const marks = new Map<string, string>()
  const there = new Set(await admin.listTopics())
  for (const source of sources) {
    if (source.type !== 'kafka') continue
    const choices = topicChoices(source.topics)
    for (const { topic, partitions } of await admin.fetchOffsets({ groupId: source.group })) {
      if (!there.has(topic) || !choices.some((choice) => takes(choice, topic))) continue
      for (const { partition, metadata } of partitions) {
        const format = metadata ? readLeftOff(metadata)?.format : undefined
        const key = partitionKey(source.name, partitionId(topic, partition))
        if (format === undefined) continue
        const mark = formatMark(key, format)
        marks.set(mark.key, mark.value)
      }
    }
  }
  return marks
}

/** Dead letters that lie in the ranges: by the clock of today some of them would be events. */
async function refusedThen(
  { kafka, admin, topics, prefix }: ClusterKafka,
  ranges: Parameters<typeof recordingOf>[1],
): Promise<ControlEntry[]> {
  const refused: Extract<ControlEntry, { kind: 'refused-range' }>[] = []
  const topic = topics.deadLetters.name
  const ends = (await admin.fetchTopicOffsets(topic)).map(({ partition, low, high }) => ({
    partition,
    low: Number(low),
    high: Number(high),
  }))
  await readToEnd({
    kafka,
    prefix,
    ends: new Map([[topic, ends]]),
    onMessage(_topic, _partition, message) {
      const { source, partition, offset } = readDeadLetterPlace(message)
      const isWanted = ranges.some(
        (range) =>
          range.source === source &&
          range.partition === partition &&
          offset >= range.first &&
          offset <= range.last,
      )
      if (!isWanted) return
      const key = partitionKey(source, partition)
      refused.push({ kind: 'refused-range', at: 0, partition: key, from: offset, to: offset + 1 })
    },
  })
  // The time gate may have held one back while others were refused.
  return refused.sort((left, right) => left.from - right.from)
}
