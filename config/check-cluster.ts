import { recordOf } from './usable-config.ts'
import type { LocatedYaml, YamlPath } from './yaml/located-yaml.ts'
import type { Problem } from './yaml/problem.ts'

/** What `cluster` asks of other settings: everything must be in one Kafka, because it commits together there. */
export function clusterProblems(yaml: LocatedYaml): readonly Problem[] {
  const { cluster, sources, clickhouse, workers, dead_letters } = recordOf(yaml.data)
  if (cluster === undefined) return []
  const problem = (path: YamlPath, message: string, hint: string) =>
    yaml.problem(yaml.rangeOf(path), message, hint)
  const { embedded, spill_max: spillMax } = recordOf(clickhouse)
  return [
    ...sourceProblems(Array.isArray(sources) ? sources.map(recordOf) : [], problem),
    ...(embedded === true
      ? [
          problem(
            ['clickhouse', 'embedded'],
            'processes of a cluster share a ClickHouse server, and the embedded one belongs to one process',
            'set clickhouse.url, or leave clickhouse out and do without copies',
          ),
        ]
      : []),
    ...(spillMax === undefined
      ? []
      : [
          problem(
            ['clickhouse', 'spill_max'],
            'with `cluster` copies wait in the topic <prefix>.copies, not on disk',
            'remove it, and give that topic the retention that you need',
          ),
        ]),
    ...(recordOf(dead_letters).kafka === undefined
      ? []
      : [
          problem(
            ['dead_letters', 'kafka'],
            'with `cluster` what is refused goes to the topic <prefix>.dead-letters in any case',
            'remove it',
          ),
        ]),
    ...(typeof workers === 'number' && workers > 1
      ? [
          problem(
            ['workers'],
            'with `cluster` a process judges in one thread',
            'start more with --roles detect',
          ),
        ]
      : []),
  ]
}

function sourceProblems(
  sources: readonly Readonly<Record<string, unknown>>[],
  problem: (path: YamlPath, message: string, hint: string) => Problem,
): readonly Problem[] {
  const first = sources.find(({ type }) => type === 'kafka')
  return sources.flatMap(({ type, brokers, client }, index) => {
    if (typeof type === 'string' && type !== 'kafka') {
      const message = `with \`cluster\` events come from Kafka only, and this source is of type ${type.slice(0, 64)}`
      return [problem(['sources', index, 'type'], message, 'send its events to a topic, or remove `cluster`')]
    }
    if (client === 'rdkafka') {
      const message =
        'with `cluster` kafkajs reads: partitions are held, sought and dealt out in ways that only its reader here knows'
      return [problem(['sources', index, 'client'], message, 'remove `client`: kafkajs reads faster, too')]
    }
    if (brokerNames(brokers) === brokerNames(first?.brokers)) return []
    const message =
      'with `cluster` all sources must be in one Kafka, and these are other brokers than the first'
    return [
      problem(['sources', index, 'brokers'], message, 'name the same brokers, or mirror the topic there'),
    ]
  })
}

function brokerNames(brokers: unknown): string {
  return Array.isArray(brokers) ? [...brokers].map(String).sort().join(' ') : ''
}
