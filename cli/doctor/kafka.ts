import type { SourceConfig } from '../../config/schema/sources.ts'
import { awaitTopics } from '../../ingest/sources/kafka/await-topics.ts'
import { kafkaConnection } from '../runtime/kafka-connection.ts'
import { topicChoices } from '../runtime/kafka-topics.ts'
import { type Examination, type Result, resultsAbout } from './examination.ts'
import { unreachable } from './reach.ts'

type KafkaConfig = Extract<SourceConfig, { type: 'kafka' }>

/** Whether each broker accepts connections, and the topics are there for this user. */
export function kafka(config: KafkaConfig): Examination {
  const about = `kafka ${config.name}`
  const { ok, warn, fail } = resultsAbout(about)
  const { brokers, topics } = config

  async function brokerResults(signal: AbortSignal): Promise<readonly Result[]> {
    const why = await Promise.all(
      brokers.map((broker) => {
        const colon = broker.lastIndexOf(':')
        return unreachable(broker.slice(0, colon), Number(broker.slice(colon + 1)), signal)
      }),
    )
    const isAnyThere = why.includes(undefined)
    return brokers.map((broker, place) => {
      const reason = why[place]
      if (reason === undefined) return ok(`${broker} accepts connections`)
      const todo = 'check the address, the firewall and that the broker runs'
      const message = `${broker} can't be reached (${reason})`
      return isAnyThere ? warn(`${message}; others can`, todo) : fail(message, todo)
    })
  }

  async function topicResults(signal: AbortSignal): Promise<readonly Result[]> {
    const names = topics.map(({ name, pattern }) => name ?? pattern).join(', ')
    try {
      const connection = { ...kafkaConnection(config), connectTimeoutMs: 3000, requestTimeoutMs: 5000 }
      const options = { connection, topics: topicChoices(topics), onAway: () => {}, patienceMs: 3000, signal }
      const ranges = await awaitTopics(options)
      const records = [...(ranges ?? [])].reduce((sum, [, { low, high }]) => sum + high - low, 0)
      const partitions = ranges?.size ?? 0
      const found = `${names}: ${partitions} partitions, ${records.toLocaleString('en-US')} records kept`
      if (partitions === 0) return [warn(found, 'correct the pattern, or create a topic that it matches')]
      return [ok(found)]
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      return [fail(message, 'check topics, log-in (sasl, ssl) and what the brokers advertise')]
    }
  }

  return {
    about,
    async examine(signal) {
      const found = await brokerResults(signal)
      if (found.every(({ level }) => level !== 'ok')) return found
      return [...found, ...(await topicResults(signal))]
    },
  }
}
