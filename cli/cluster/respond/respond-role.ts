import { readGroup } from '../../../storage/kafka/group-reader.ts'
import type { Cluster } from '../cluster.ts'
import type { HeldPartitions } from '../holding.ts'
import { RespondPlace } from './respond-place.ts'

/** Responds while the group gives this process the one place there is, and stands by otherwise, until the signal. */
export async function respond(cluster: Cluster): Promise<void> {
  const { kafka, topics, prefix, sessionMs, signal, log, status } = cluster
  const { findings, traffic, response, decisions } = topics
  const held: HeldPartitions = new Map()
  await readGroup({
    kafka,
    group: `${prefix}.respond`,
    topics: [findings.name, traffic.name, response.name, decisions.name],
    sessionMs,
    signal,
    onReader: (report) => status.reading({ role: 'respond', report }),
    onNotice: (notice) => log.warn({ role: 'respond' }, notice),
    placeOf: () => 'respond',
    open: (work) => RespondPlace.open({ ...work, cluster, held }),
  })
}
