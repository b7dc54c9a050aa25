import { type Logger, pino } from 'pino'
import type { PicketConfig } from '../../../config/picket-config.ts'
import type { Baseline } from '../../../core/baseline/baseline.ts'
import { ensureTopics } from '../../../storage/kafka/ensure-topics.ts'
import { followTopic } from '../../../storage/kafka/follow-topic.ts'
import { Transactor } from '../../../storage/kafka/transactor.ts'
import { type ClusterKafka, withClusterKafka } from '../cluster.ts'
import { keptBaseline } from '../replay/kept-snapshots.ts'
import { baselineMessages } from './baseline-messages.ts'
import { FollowedBaseline } from './followed-baseline.ts'

/** Follows the baseline in Kafka until the signal; `ended` settles then, or rejects when it can't go on. */
export async function followBaseline(
  { kafka, admin, topics, prefix, sessionMs, log }: ClusterKafka & { readonly log: Logger },
  signal: AbortSignal,
): Promise<{ readonly followed: FollowedBaseline; readonly ended: Promise<void> }> {
  const onNotice = (notice: string) => log.warn(notice)
  const onProblem = (problem: string) => log.error(`the baseline in force stays: ${problem}`)
  const topic = topics.baseline.name
  const { followed, ended } = await followTopic(
    { kafka, admin, topic, place: 'baseline', group: `${prefix}.baseline`, sessionMs, signal, onNotice },
    (held) => new FollowedBaseline({ ...held, onProblem }),
  )
  // Whoever waits for it hears of its failure.
  ended.catch(() => {})
  return { followed, ended }
}

/** Puts a baseline in force in every `detect` of the cluster. Resolves when it is committed, with the name of the topic. */
export async function publishBaseline(config: PicketConfig, baseline: Baseline): Promise<string> {
  return withTopic(config, async ({ kafka, topics, prefix, transactionMs }) => {
    const messages = await baselineMessages(baseline)
    const transactor = await Transactor.open(kafka, `${prefix}.baseline`, transactionMs)
    try {
      await transactor.commit({
        messages: [
          { topic: topics.baseline.name, messages },
          { topic: topics.manifests.name, messages: keptBaseline(baseline.digest, messages) },
        ],
      })
    } finally {
      await transactor.close()
    }
    return topics.baseline.name
  })
}

/** The one that is in force in a cluster; the empty one when there is none. */
export async function publishedBaseline(config: PicketConfig): Promise<Baseline> {
  return withTopic(config, async (kafka) => {
    const stop = new AbortController()
    const { followed, ended } = await followBaseline(
      { ...kafka, log: pino({ level: 'silent' }) },
      stop.signal,
    )
    try {
      await Promise.race([followed.isCurrent, ended])
      return followed.inForce.baseline
    } finally {
      stop.abort()
      await ended
    }
  })
}

/** Neither reader nor writer waits for a process of the cluster to have made the topic. */
function withTopic<R>(config: PicketConfig, use: (kafka: ClusterKafka) => Promise<R>): Promise<R> {
  return withClusterKafka(config, async (kafka) => {
    await ensureTopics(
      kafka.admin,
      [kafka.topics.baseline, kafka.topics.manifests],
      config.cluster?.replication,
    )
    return use(kafka)
  })
}
