import { randomUUID } from 'node:crypto'
import type { Admin } from 'kafkajs'
import { type GroupReaderOptions, readGroup } from './group-reader.ts'
import type { PartitionWork } from './partition-work.ts'

export interface FollowOptions
  extends Pick<GroupReaderOptions, 'kafka' | 'sessionMs' | 'signal' | 'onReader' | 'onNotice'> {
  readonly admin: Admin
  /** Of one partition. */
  readonly topic: string
  /** Names it in notices and reports. */
  readonly place: string
  /** Begins the name of the group. */
  readonly group: string
}

/** What a topic of one partition holds when it begins to be followed: offsets of the first record and behind the last. */
export interface HeldRange {
  readonly topic: string
  readonly from: number
  readonly until: number
}

/**
 * Reads a topic of one partition from its beginning, on and on until the signal. `ended` settles then, or rejects when it
 * can't go on.
 */
export async function followTopic<Work extends PartitionWork>(
  { admin, topic, place, group, ...options }: FollowOptions,
  follow: (held: HeldRange) => Work,
): Promise<{ readonly followed: Work; readonly ended: Promise<void> }> {
  const [range] = await admin.fetchTopicOffsets(topic)
  const followed = follow({ topic, from: Number(range?.low ?? 0), until: Number(range?.high ?? 0) })
  const ended = readGroup({
    ...options,
    // Each process reads all of it: a group of its own, which commits nothing and is gone when it ends.
    group: `${group}.${randomUUID()}`,
    topics: [topic],
    placeOf: () => place,
    open: async () => followed,
  })
  return { followed, ended }
}
