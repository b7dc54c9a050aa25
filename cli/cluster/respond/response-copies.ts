import type { TopicMessages } from 'kafkajs'
import type { Changes } from '../../../core/ports/state-store.ts'
import type { ResponseRecords } from '../../../storage/kafka/response-records.ts'
import { responseRows } from '../../runtime/response-rows.ts'
import type { Cluster } from '../cluster.ts'
import { OutgoingCopies } from '../copy/outgoing-copies.ts'

/** Rows of the runs and decisions in a commit, to be committed with it. */
export function responseCopies(
  cluster: Cluster,
  { decisions }: Pick<ResponseRecords, 'decisions'>,
): (changes: Changes) => Promise<TopicMessages> {
  const rowsOf = responseRows([...decisions.values()])
  const copies = new OutgoingCopies(cluster, 0)
  return (changes) => {
    const rows = rowsOf(changes, cluster.clock.now())
    copies.addAll('runs', rows.runs)
    copies.addAll('decisions', rows.decisions)
    return copies.take()
  }
}
