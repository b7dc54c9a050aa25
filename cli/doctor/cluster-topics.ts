import kafkajs from 'kafkajs'
import type { PicketConfig } from '../../config/picket-config.ts'
import { kafkajsConfig } from '../../ingest/sources/kafka/connection.ts'
import { topicProblems } from '../../storage/kafka/ensure-topics.ts'
import { topicLayout } from '../../storage/kafka/topic-layout.ts'
import { kafkaConnection } from '../runtime/kafka-connection.ts'
import { type Examination, resultsAbout } from './examination.ts'

const { Kafka, logLevel } = kafkajs
const about = 'cluster'
const { ok, fail } = resultsAbout(about)

/** Whether the topics of a cluster are as a run wants them, without making those that are missing. */
export function clusterTopics({ cluster, sources, clickhouse }: PicketConfig): Examination {
  return {
    about,
    async examine() {
      const first = sources.find((source) => source.type === 'kafka')
      if (!cluster || !first) return []
      const admin = new Kafka({
        ...kafkajsConfig(kafkaConnection(first)),
        connectionTimeout: 3000,
        requestTimeout: 5000,
        logLevel: logLevel.NOTHING,
        retry: { retries: 1 },
      }).admin()
      const named = `topics ${cluster.prefix}.*`
      try {
        await admin.connect()
        const known = new Set(await admin.listTopics())
        const topics = topicLayout(cluster)
        const wanted = Object.values(topics).filter((topic) => clickhouse.url || topic !== topics.copies)
        const there = wanted.filter(({ name }) => known.has(name))
        if (there.length === 0) return [ok(`${named}: none yet; the first picket run makes them`)]
        const problems = await topicProblems(admin, there)
        if (problems.length === 0) return [ok(`${named}: ${there.length} are there, as they must be`)]
        return problems.map((problem) => {
          // A problem ends with what to do.
          const [, message = problem, todo = 'see the message'] =
            /^(.*?Picket needs .*?): (.*)$/.exec(problem) ?? []
          return fail(message, todo)
        })
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error)
        return [fail(`${named} can't be asked for: ${why}`, 'see the lines about kafka')]
      } finally {
        await admin.disconnect()
      }
    },
  }
}
