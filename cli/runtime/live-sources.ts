import { existsSync } from 'node:fs'
import { stdin } from 'node:process'
import type { SourceConfig } from '../../config/schema/sources.ts'
import type { Source } from '../../core/ports/source.ts'
import { durationMs } from '../../core/time/duration.ts'
import { FileSource } from '../../ingest/sources/files/file-source.ts'
import { KafkaSource } from '../../ingest/sources/kafka/kafka-source.ts'
import { inflatedInput } from '../../ingest/sources/stdin/inflated-input.ts'
import { StdinSource } from '../../ingest/sources/stdin/stdin-source.ts'
import { kafkaConnection } from './kafka-connection.ts'
import { type KafkaSourceConfig, topicChoices, topicOf } from './kafka-topics.ts'
import type { SourceTraits } from './lanes.ts'
import { pushedSource, type SourceSurroundings } from './pushed-source.ts'

export interface LiveSource {
  readonly source: Source
  readonly traits: SourceTraits
  /** It may go on for ever: a topic, a followed file, a pipe. */
  readonly endless: boolean
}

/** What a configured source says of its records. */
export function sourceTraits(config: SourceConfig): SourceTraits {
  const common = { source: config.name, latenessMs: durationMs(config.lateness) }
  if (config.type === 'kafka') {
    const topic = topicOf(config)
    return {
      ...common,
      formatOf: (partition) => topic(partition)?.format,
      vantageOf: (partition) => topic(partition)?.vantage ?? config.vantage,
      trustsMarksOf: (partition) => topic(partition)?.trust_marks ?? config.trust_marks,
    }
  }
  const format = config.type === 'envoy-als' ? 'envoy' : config.format
  const lineFormat = config.type === 'otlp' ? (format ?? 'canonical') : format
  return {
    ...common,
    formatOf: () => lineFormat,
    vantageOf: () => config.vantage,
    trustsMarksOf: () => config.trust_marks,
  }
}

/** Builds a configured source; secrets are resolved here and nowhere else. */
export function openLiveSource(config: SourceConfig, surroundings: SourceSurroundings): LiveSource {
  const { notice, marks } = surroundings
  const traits = sourceTraits(config)
  const idleMs = durationMs(config.idle)
  const { name: id } = config
  if (config.type === 'kafka') return { source: kafkaSource(config, idleMs, notice), endless: true, traits }
  if (config.type === 'http' || config.type === 'otlp' || config.type === 'envoy-als')
    return { source: pushedSource(config, idleMs, surroundings), endless: true, traits }
  if (config.type === 'stdin') {
    // A pipe goes on where it stands: after a restart the writer does not send the old lines again.
    return {
      source: new StdinSource({ id, input: inflatedInput(stdin), resumed: 'next', idleMs }),
      endless: true,
      traits,
    }
  }
  const { paths, follow } = config
  for (const path of paths)
    if (follow && !existsSync(path)) notice(`${path} is not there yet; it is read once it is`)
  return {
    source: new FileSource({ id, paths, marks, onNotice: notice, ...(follow ? { follow: { idleMs } } : {}) }),
    endless: follow,
    traits,
  }
}

function kafkaSource(
  config: KafkaSourceConfig,
  idleMs: number,
  onNotice: (text: string) => void,
): KafkaSource {
  const { name, topics, group, from, client } = config
  return new KafkaSource({
    id: name,
    connection: kafkaConnection(config),
    topics: topicChoices(topics),
    groupId: group,
    client,
    from,
    idleMs,
    onNotice,
  })
}
