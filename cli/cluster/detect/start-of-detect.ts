import type { PartitionRange } from '../../../core/manifest/control-log.ts'
import { committedOffset } from '../../../storage/kafka/committed-offset.ts'
import type { Transactor } from '../../../storage/kafka/transactor.ts'
import type { Cluster } from '../cluster.ts'
import { barrierKey } from './changelog/changelog-keys.ts'

export interface StartOfDetect {
  /** Offset of the observations to read on from. */
  readonly next: number
  /** Offset of the barrier in the changelog: what lies before it is the state. */
  readonly barrier: number
  /** Observations that were deleted before they were judged. */
  readonly lost?: PartitionRange
}

/** Writes a barrier behind everything that was committed of a partition, and finds where judging goes on. Tells what was lost. */
export async function startOfDetect(
  { admin, log, prefix, topics }: Cluster,
  partition: number,
  transactor: Transactor,
): Promise<StartOfDetect> {
  const { observations, state } = topics
  const barrier = { key: barrierKey, value: prefix, partition }
  const [written] = await transactor.commit({ messages: [{ topic: state.name, messages: [barrier] }] })
  const group = `${prefix}.detect`
  const committed = await committedOffset(admin, { group, topic: observations.name, partition })
  const ranges = await admin.fetchTopicOffsets(observations.name)
  const low = Number(ranges.find((range) => range.partition === partition)?.low ?? 0)
  const lost = committed ? low - committed.offset : 0
  if (lost > 0)
    log.error(
      { partition, lost },
      'observations were deleted before they were judged: by retention, or by hand',
    )
  const next = Math.max(committed?.offset ?? 0, low)
  const range = { partition: `${observations.name}:${partition}`, from: committed?.offset ?? 0, to: low }
  return { next, barrier: Number(written?.baseOffset), ...(lost > 0 && { lost: range }) }
}
