import { recordOf } from './usable-config.ts'
import type { LocatedYaml, YamlPath } from './yaml/located-yaml.ts'
import type { Problem } from './yaml/problem.ts'

/** Settings of Kafka that are fine alone and wrong together. What has the wrong type is passed over. */
export function kafkaProblems(yaml: LocatedYaml): readonly Problem[] {
  const { sources, dead_letters } = recordOf(yaml.data)
  const deadLetters = recordOf(dead_letters).kafka
  const { topic: refused = 'picket.dead-letters' } = recordOf(deadLetters)
  const problems = listOf(sources).flatMap((source, index) => {
    if (recordOf(source).type !== 'kafka') return []
    const path = ['sources', index]
    return [
      ...tlsProblems(recordOf(source), path, yaml),
      ...topicProblems(
        listOf(recordOf(source).topics).map(recordOf),
        [...path, 'topics'],
        deadLetters === undefined ? undefined : refused,
        yaml,
      ),
    ]
  })
  return [...problems, ...tlsProblems(recordOf(deadLetters), ['dead_letters', 'kafka'], yaml)]
}

type Settings = Readonly<Record<string, unknown>>

function tlsProblems({ ssl, tls }: Settings, path: YamlPath, yaml: LocatedYaml): readonly Problem[] {
  if (ssl !== false || tls === undefined) return []
  const message = '`tls` is set, and `ssl: false` turns TLS off'
  return [yaml.problem(yaml.rangeOf([...path, 'ssl']), message, 'remove one of the two')]
}

function topicProblems(
  topics: readonly Settings[],
  path: YamlPath,
  refused: unknown,
  yaml: LocatedYaml,
): readonly Problem[] {
  return (['name', 'pattern'] as const).flatMap((key) => {
    const values = topics.map((topic) => topic[key])
    const again = values.findIndex((value, place) => value !== undefined && values.indexOf(value) < place)
    const found: Problem[] = []
    if (again >= 0) {
      const range = yaml.rangeOf([...path, again, key])
      const what = key === 'name' ? 'topic' : 'pattern'
      const message = `${what} '${String(values[again]).slice(0, 64)}' stands here twice`
      found.push(yaml.problem(range, message, 'keep one of them'))
    }
    const round = key === 'name' && refused !== undefined ? values.indexOf(refused) : -1
    if (round >= 0) {
      const message = `topic '${String(refused).slice(0, 64)}' takes what is refused, and would be refused again`
      const hint = 'remove it here, or name another topic in dead_letters.kafka'
      found.push(yaml.problem(yaml.rangeOf([...path, round, key]), message, hint))
    }
    return found
  })
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
