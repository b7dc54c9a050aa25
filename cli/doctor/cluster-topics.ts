import type { Admin } from 'kafkajs'
import type { PicketConfig } from '../../config/picket-config.ts'
import { topicProblems } from '../../storage/kafka/ensure-topics.ts'
import { withClusterKafka } from '../cluster/cluster.ts'
import { type Examination, type Result, resultsAbout } from './examination.ts'

const about = 'cluster'
const { ok, warn, fail } = resultsAbout(about)

/** Whether the topics of a cluster are as they must be, and how many processes of which role are in their groups. */
export function clusterTopics(config: PicketConfig): Examination {
  return {
    about,
    examine: () =>
      withClusterKafka(config, async ({ admin, topics, prefix }) => {
        const wanted = Object.values(topics)
        const known = new Set(await admin.listTopics())
        const there = wanted.filter(({ name }) => known.has(name))
        const results: Result[] = []
        for (const problem of there.length > 0 ? await topicProblems(admin, there) : []) {
          const [what = problem, todo = 'see docs/cluster.md'] = problem.split(
            /: (?=kafka-configs|set |name )/,
          )
          results.push(fail(what, todo))
        }
        if (results.length > 0) return results
        if (there.length < wanted.length) {
          const missing = wanted.filter(({ name }) => !known.has(name)).map(({ name }) => name)
          const todo = 'the next start of picket run creates them, if its user may'
          results.push(
            warn(`${missing.length} of ${wanted.length} topics are not there: ${missing.join(', ')}`, todo),
          )
        } else results.push(ok(`all ${wanted.length} topics of ${prefix} are as they must be`))
        return [...results, await rolesAtWork(admin, prefix)]
      }),
  }
}

/** `ingest` is in the groups of the sources, and `serve` in none. */
const roles = ['detect', 'respond', 'copy'] as const

async function rolesAtWork(admin: Admin, prefix: string): Promise<Result> {
  const { groups } = await admin.describeGroups(roles.map((role) => `${prefix}.${role}`))
  const counts = roles.map((role) => {
    const count = groups.find(({ groupId }) => groupId === `${prefix}.${role}`)?.members.length ?? 0
    return `${role} ${count}`
  })
  const isIdle = groups.every(({ members }) => members.length === 0)
  const message = `processes at work: ${counts.join(', ')}`
  return isIdle ? warn(message, 'start them with picket run --roles, if they should run') : ok(message)
}
