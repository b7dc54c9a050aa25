import kafkajs, { type Admin } from 'kafkajs'
import type { TopicSpec } from './topic-layout.ts'
import { whilePassing } from './while-passing.ts'

const { ConfigResourceTypes } = kafkajs

/** Topics that are there and must not be used as they are; the message lists what to do about each. */
export class TopicMismatchError extends Error {
  override readonly name = 'TopicMismatchError'
}

/**
 * Creates the topics that are missing, with `replication` copies, by default as the brokers are set; several processes
 * may do so at once.
 *
 * @throws TopicMismatchError when one has other partitions or settings than it must have
 */
export async function ensureTopics(
  admin: Admin,
  topics: readonly TopicSpec[],
  replication?: number,
): Promise<void> {
  const known = new Set(await admin.listTopics())
  const missing = topics.filter(({ name }) => !known.has(name))
  if (missing.length > 0) {
    await admin.createTopics({
      // That asks for topics that the broker has not heard of yet, and fails; below it is waited for.
      waitForLeaders: false,
      topics: missing.map(({ name, partitions, required, initial }) => ({
        topic: name,
        numPartitions: partitions,
        ...(replication === undefined ? {} : { replicationFactor: replication }),
        configEntries: Object.entries({ ...initial, ...required }).map(([key, value]) => ({
          name: key,
          value,
        })),
      })),
    })
  }
  const problems = await whilePassing(() => topicProblems(admin, topics))
  if (problems.length === 0) return
  const list = problems.map((problem) => `- ${problem}`).join('\n')
  throw new TopicMismatchError(`topics of Picket in Kafka are not as they must be:\n${list}`)
}

/** What is wrong with topics that are there, and what to do about each. */
export async function topicProblems(admin: Admin, topics: readonly TopicSpec[]): Promise<string[]> {
  return [...(await partitionProblems(admin, topics)), ...(await settingProblems(admin, topics))]
}

async function partitionProblems(admin: Admin, topics: readonly TopicSpec[]): Promise<string[]> {
  const { topics: found } = await admin.fetchTopicMetadata({ topics: topics.map(({ name }) => name) })
  return topics.flatMap(({ name, partitions }) => {
    const count = found.find((topic) => topic.name === name)?.partitions.length ?? 0
    if (count === partitions) return []
    const todo =
      partitions === 1
        ? 'name another cluster.prefix, which begins with no state'
        : `set cluster.partitions: ${count}, or name another cluster.prefix, which begins with no state`
    return [`${name} has ${count} partitions, Picket needs ${partitions}: ${todo}`]
  })
}

async function settingProblems(admin: Admin, topics: readonly TopicSpec[]): Promise<string[]> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: topics.map(({ name, required, least = {} }) => ({
      type: ConfigResourceTypes.TOPIC,
      name,
      configNames: [...Object.keys(required), ...Object.keys(least)],
    })),
  })
  const problems = topics.flatMap(({ name, required, least = {} }) => {
    const entries = resources.find((resource) => resource.resourceName === name)?.configEntries ?? []
    const found = (key: string) => entries.find((entry) => entry.configName === key)?.configValue
    const wrong = Object.entries(required)
      .filter(([key, value]) => inOrder(found(key)) !== inOrder(value))
      .map(([key, value]) => ({ topic: name, key, found: found(key), wanted: `'${value}'`, value }))
    const little = Object.entries(least)
      .filter(([key, value]) => Number(found(key)) !== -1 && !(Number(found(key)) >= value))
      .map(([key, value]) => ({
        topic: name,
        key,
        found: found(key),
        wanted: `at least ${value}`,
        value: String(value),
      }))
    return [...wrong, ...little]
  })
  if (problems.length === 0) return []
  const { brokers } = await admin.describeCluster()
  const servers = brokers.map(({ host, port }) => `${host}:${port}`).join(',')
  return problems.map((problem) => settingText(problem, servers))
}

interface SettingProblem {
  readonly topic: string
  readonly key: string
  readonly found: string | undefined
  readonly wanted: string
  readonly value: string
}

/** With a command that can be pasted: shells take brackets for a pattern, and Kafka needs them around a list. */
function settingText({ topic, key, found, wanted, value }: SettingProblem, servers: string): string {
  const alter = `kafka-configs.sh --bootstrap-server ${servers} --alter --topic ${topic} --add-config '${key}=[${value}]'`
  return `${topic}: ${key} is '${found ?? 'not told'}', Picket needs ${wanted}: ${alter}`
}

/** Lists such as `compact,delete` have no order. */
function inOrder(value: string | undefined): string | undefined {
  return value
    ?.split(',')
    .map((part) => part.trim())
    .sort()
    .join(',')
}
