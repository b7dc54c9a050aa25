import { createHash } from 'node:crypto'
import kafkajs, { type Admin, type Kafka } from 'kafkajs'
import type { Logger } from 'pino'
import type { LoadedConfig } from '../../config/load-config.ts'
import type { PicketConfig } from '../../config/picket-config.ts'
import type { SourceConfig } from '../../config/schema/sources.ts'
import { resolveSecret } from '../../config/secret.ts'
import type { ConfiguredDetector, Detector } from '../../core/detector/detector.ts'
import { recordFormat } from '../../core/engine/entity-codec.ts'
import { trafficShape } from '../../core/engine/traffic-shape.ts'
import type { KeyedHash } from '../../core/hash/keyed-hash.ts'
import { canonicalJson } from '../../core/manifest/canonical-json.ts'
import type { Clock } from '../../core/ports/clock.ts'
import { durationMs } from '../../core/time/duration.ts'
import { fixedPublicKey } from '../../ingest/privacy/pseudonym.ts'
import { type KafkaConnection, kafkajsConfig } from '../../ingest/sources/kafka/connection.ts'
import { KeptAdmin } from '../../ingest/sources/kafka/kept-admin.ts'
import { type TopicLayout, topicLayout } from '../../storage/kafka/topic-layout.ts'
import { wantsAnalytics } from '../runtime/analytics.ts'
import { sampleHash } from '../runtime/detection.ts'
import { kafkaConnection } from '../runtime/kafka-connection.ts'
import type { InForce, Reloading } from '../runtime/reload/reloading.ts'
import type { FirstStarts } from './ingest/first-starts.ts'
import { InputTopics } from './input-topics.ts'
import { answerOf } from './read/answer-of.ts'
import { ClusterStatus } from './status/cluster-status.ts'

const { Kafka: KafkaClient, logLevel } = kafkajs

export type KafkaSourceConfig = Extract<SourceConfig, { type: 'kafka' }>

export interface ClusterOptions {
  readonly loaded: LoadedConfig<Detector>
  readonly clock: Clock
  readonly log: Logger
  /** Aborts on SIGINT and SIGTERM. */
  readonly signal: AbortSignal
  /** How often to look which topics match patterns, milliseconds; 10 s when absent. */
  readonly watchMs?: number
  /** Absent: nothing is reloaded. */
  readonly reloading?: Reloading
}

/** What a changed configuration is put in force with. */
export interface Reloadable {
  /** All of it, or, when it rejects, nothing. */
  reload(loaded: LoadedConfig<Detector>): Promise<void>
}

/** The Kafka that a cluster lives in. */
export interface ClusterKafka {
  readonly connection: KafkaConnection
  readonly kafka: Kafka
  readonly admin: Admin
  readonly topics: TopicLayout
  /** Begins the names of topics, groups and transactional ids. */
  readonly prefix: string
  readonly sessionMs: number
  /** How long what a dead process left open may hold readers up. */
  readonly transactionMs: number
  /** The same for commits of `detect`, which may hold all state at a takeover; who has the partition next ends it sooner. */
  readonly stateTransactionMs: number
}

/** What all roles of a process share. */
export interface Cluster extends ClusterOptions, ClusterKafka {
  readonly status: ClusterStatus
  /** The configuration in force, and the responder that acts by it, if that is here. */
  readonly inForce: InForce & { responder?: Reloadable | undefined }
  readonly config: PicketConfig
  readonly sources: readonly KafkaSourceConfig[]
  readonly inputs: InputTopics
  /** Asks about input topics, which may be deleted. */
  readonly inputAdmin: KeptAdmin
  /** Of each source that is read here, what was there when the run began. */
  readonly firstStarts: Map<string, FirstStarts>
  /** The space's key. */
  readonly key: Uint8Array
  readonly hash: KeyedHash
  /** What is collected: every detector, and the shape of traffic. */
  readonly collected: readonly ConfiguredDetector[]
  /** Digest of what collectors and judges must agree in. */
  readonly layout: string
  /** Rows for ClickHouse go to the topic of copies, from where the role `copy` takes them. */
  readonly isCopied: boolean
}

/** Connects to nothing. Throws `SecretError`. */
export function clusterKafka({ cluster, sources }: PicketConfig): ClusterKafka {
  const first = sources.find((source) => source.type === 'kafka')
  if (!cluster || !first)
    throw new Error('a cluster needs `cluster` and a source of type kafka in picket.yaml')
  const connection = kafkaConnection(first)
  const kafka = new KafkaClient({
    ...kafkajsConfig(connection),
    logLevel: logLevel.NOTHING,
    requestTimeout: 10_000,
  })
  const sessionMs = durationMs(cluster.session_timeout)
  return {
    connection,
    kafka,
    admin: kafka.admin(),
    topics: topicLayout(cluster),
    prefix: cluster.prefix,
    sessionMs,
    transactionMs: Math.max(sessionMs, 10_000),
    stateTransactionMs: Math.max(sessionMs, 60_000),
  }
}

/** For a command beside the processes of a cluster: connected while it is used. Throws `SecretError`, and why no broker answers in time. */
export async function withClusterKafka<R>(
  config: PicketConfig,
  use: (kafka: ClusterKafka) => Promise<R>,
): Promise<R> {
  const kafka = clusterKafka(config)
  await answerOf(kafka.connection, [])
  await kafka.admin.connect()
  try {
    return await use(kafka)
  } finally {
    await kafka.admin.disconnect()
  }
}

/** Puts together what roles share; connects to nothing. Throws `SecretError`. */
export function openCluster(options: ClusterOptions): Cluster {
  const { loaded } = options
  const { config } = loaded
  const sources = config.sources.filter((source) => source.type === 'kafka')
  const { privacy } = config
  const key = privacy.key === undefined ? fixedPublicKey : Buffer.from(resolveSecret(privacy.key))
  const collected = [...loaded.detectors, { detector: trafficShape as Detector, config: {} }]
  const kafka = clusterKafka(config)
  return {
    ...options,
    ...kafka,
    status: new ClusterStatus(options),
    inForce: { loaded },
    config,
    sources,
    inputAdmin: new KeptAdmin(kafka.kafka),
    firstStarts: new Map(),
    inputs: new InputTopics(
      sources,
      Object.values(kafka.topics).map(({ name }) => name),
    ),
    key,
    hash: sampleHash(key),
    collected,
    layout: layoutDigest(config.space, collected, key),
    isCopied: wantsAnalytics(config),
  }
}

/** Another setting that `observe` reads, another cell or another key: what was collected then means something else. */
export function layoutDigest(
  space: string,
  detectors: readonly ConfiguredDetector[],
  key: Uint8Array,
): string {
  const kinds = (shape: Detector['pane']) => Object.entries(shape).map(([name, { kind }]) => [name, kind])
  const observed = detectors.map(({ detector, config }) => ({
    id: detector.id,
    version: detector.version,
    window: detector.window(config),
    settings: (detector.observes ? detector.observes(config) : config) ?? null,
    cells: [kinds(detector.pane), kinds(detector.memory)],
  }))
  const text = canonicalJson({ space, observed, recordFormat })
  return createHash('sha256').update(text).update(key).digest('hex').slice(0, 16)
}
