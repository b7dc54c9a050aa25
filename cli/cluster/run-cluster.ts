import { setMaxListeners } from 'node:events'
import { awaitTopics } from '../../ingest/sources/kafka/await-topics.ts'
import { registerCodecs } from '../../ingest/sources/kafka/codecs/register-codecs.ts'
import { ensureTopics } from '../../storage/kafka/ensure-topics.ts'
import type { TopicSpec } from '../../storage/kafka/topic-layout.ts'
import { Closers } from '../runtime/closers.ts'
import { kafkaConnection } from '../runtime/kafka-connection.ts'
import { topicChoices } from '../runtime/kafka-topics.ts'
import { sleepUntil } from '../runtime/signal-waits.ts'
import { type Cluster, type ClusterOptions, openCluster } from './cluster.ts'
import { copy } from './copy/copy-role.ts'
import { detect } from './detect/detect-role.ts'
import { ingest } from './ingest/ingest-role.ts'
import { reloadCluster } from './reload-cluster.ts'
import { respond } from './respond/respond-role.ts'
import type { Role } from './roles.ts'
import { serve } from './serve/serve-role.ts'
import { openClusterStatus } from './status/open-cluster-status.ts'
import { type ClusterTally, newTally } from './tally.ts'
import { watchInputTopics } from './watch-input-topics.ts'

const againMs = 2000

const work: Readonly<Record<Role, (cluster: Cluster, tally: ClusterTally) => Promise<void>>> = {
  ingest,
  detect,
  respond,
  serve,
  copy,
}

/**
 * Does the given roles of a cluster until the signal aborts; all state is in Kafka. A role that can't go on begins anew
 * from what was committed. Throws `TopicMismatchError` for topics that are not as they must be.
 */
export async function runCluster(options: ClusterOptions, roles: readonly Role[]): Promise<ClusterTally> {
  const { log, signal } = options
  // Every partition and wait listens to it.
  setMaxListeners(0, signal)
  registerCodecs()
  const cluster = openCluster(options)
  const tally = newTally()
  const closers = new Closers(log)
  try {
    for (const role of roles) cluster.status.hindrance(role, 'it has not begun')
    await openClusterStatus(cluster, closers)
    if (!(await areSourcesThere(cluster))) return tally
    await cluster.admin.connect()
    closers.add(() => cluster.admin.disconnect())
    closers.add(async () => cluster.inputAdmin.close())
    await ensureTopics(cluster.admin, topicsOf(cluster), cluster.config.cluster?.replication)
    const ended = new AbortController()
    closers.add(async () => ended.abort())
    await watchInputTopics(cluster, AbortSignal.any([signal, ended.signal]))
    cluster.status.hindrance('Kafka', undefined)
    reloadCluster(cluster, roles)
    log.info({ roles, prefix: cluster.prefix }, 'ready')
    await Promise.all(roles.map((role) => again(role, cluster, tally)))
    return tally
  } finally {
    await closers.close()
  }
}

/** Waits for brokers that are not there yet; false once the signal aborts. Throws for a topic that is not there. */
async function areSourcesThere({ sources, log, signal }: Cluster): Promise<boolean> {
  const [first] = sources
  if (!first) return false
  const found = await awaitTopics({
    connection: kafkaConnection(first),
    topics: sources.flatMap(({ topics }) => topicChoices(topics)),
    signal,
    onAway: (why) => log.warn({ why }, "can't reach Kafka yet; trying on"),
  })
  return found !== undefined
}

/** Without ClickHouse there is nothing in the topic of copies, and nobody needs it. */
function topicsOf({ topics, isCopied }: Cluster): TopicSpec[] {
  return Object.values(topics).filter((topic) => isCopied || topic !== topics.copies)
}

async function again(role: Role, cluster: Cluster, tally: ClusterTally): Promise<void> {
  const { signal, log, status } = cluster
  while (!signal.aborted) {
    try {
      await work[role](cluster, tally)
    } catch (error) {
      if (signal.aborted) return
      log.error({ role, err: error }, 'the role stopped and begins anew')
      status.hindrance(
        role,
        `it stopped and begins anew: ${error instanceof Error ? error.message : String(error)}`,
      )
      await sleepUntil(againMs, signal)
    }
  }
}
