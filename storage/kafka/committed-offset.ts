import type { Admin } from 'kafkajs'
import { whilePassing } from './while-passing.ts'

export interface CommittedOffset {
  readonly offset: number
  /** The text beside it; empty where there is none. */
  readonly metadata: string
}

/** Where a group has read a partition to; `undefined` before the first commit. */
export async function committedOffset(
  admin: Admin,
  { group, topic, partition }: { readonly group: string; readonly topic: string; readonly partition: number },
): Promise<CommittedOffset | undefined> {
  const topics = await whilePassing(() => admin.fetchOffsets({ groupId: group, topics: [topic] }))
  const found = topics.flatMap(({ partitions }) => partitions).find((one) => one.partition === partition)
  const offset = Number(found?.offset ?? -1)
  return offset < 0 ? undefined : { offset, metadata: found?.metadata ?? '' }
}
