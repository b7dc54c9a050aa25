import type { Admin } from 'kafkajs'
import { RangeGone } from '../range-gone.ts'
import { chosenTopics, missingTopics, type TopicChoice } from './chosen-topics.ts'

/** What a partition holds: offsets from `low` to before `high`. */
export interface OffsetRange {
  readonly low: number
  readonly high: number
}

/** By partition id. */
export type OffsetRanges = ReadonlyMap<string, OffsetRange>

/** The id of a partition in positions. Topic names have no colon. */
export function partitionId(topic: string, partition: number): string {
  return `${topic}:${partition}`
}

/** Undoes `partitionId`. */
export function topicPartition(id: string): { readonly topic: string; readonly partition: number } {
  const colon = id.lastIndexOf(':')
  return { topic: id.slice(0, colon), partition: Number(id.slice(colon + 1)) }
}

/** The ranges of all partitions of a topic. */
export async function fetchRanges(admin: Admin, topic: string): Promise<Map<string, OffsetRange>> {
  const partitions = await admin.fetchTopicOffsets(topic)
  return new Map(
    partitions.map(({ partition, low, high }) => [
      partitionId(topic, partition),
      { low: Number(low), high: Number(high) },
    ]),
  )
}

/** What there is to read now. Named topics that are not there are left out. */
export async function fetchChosenRanges(
  admin: Admin,
  choices: readonly TopicChoice[],
): Promise<{
  readonly topics: readonly string[]
  readonly missing: readonly string[]
  readonly ranges: OffsetRanges
}> {
  const known = await admin.listTopics()
  const topics = chosenTopics(choices, known)
  const ranges = await Promise.all(topics.map((topic) => fetchRanges(admin, topic)))
  return {
    topics,
    missing: missingTopics(choices, known),
    ranges: new Map(ranges.flatMap((range) => [...range])),
  }
}

/** Names topics that are not there, for an error. */
export function noTopics(missing: readonly string[], brokers: string): string {
  return `Kafka at ${brokers} has no topic ${missing.map((topic) => `'${topic}'`).join(', ')} that this user may see`
}

/** Where to start: the stored position, held against what the topic still has, else one of its ends. */
export function startOffset(
  id: string,
  stored: number | undefined,
  range: OffsetRange,
  otherwise: 'earliest' | 'latest',
): number {
  if (stored === undefined) return otherwise === 'earliest' ? range.low : range.high
  if (stored > range.high) throw recreated(id, stored, range.high)
  return Math.max(stored, range.low)
}

/** @throws RangeGone when a topic has not all of the wanted ranges any more */
export function requireRanges(
  wanted: ReadonlyMap<string, { readonly from: number; readonly to: number }>,
  there: ReadonlyMap<string, OffsetRange>,
): void {
  for (const [id, { from, to }] of wanted) {
    const range = there.get(id)
    if (!range) throw new RangeGone(`Kafka has no partition ${id} any more`)
    if (to > range.high)
      throw new RangeGone(`${id} ends at offset ${range.high}, before ${to}: the topic was created again`)
    if (from < range.low)
      throw new RangeGone(
        `${id} begins at offset ${range.low}: what was before, from ${from} on, was deleted by retention`,
      )
  }
}

/** Offsets began anew, so the same position would mean two things. */
export function recreated(id: string, position: number, high: number): Error {
  return new Error(
    `Kafka partition ${id} ends at offset ${high}, before Picket's position ${position}: the topic was deleted and ` +
      'created again; read it under another source id or topic name',
  )
}
