import type { Admin } from 'kafkajs'
import { RangeGone } from '../range-gone.ts'

/** What a partition holds: offsets from `low` to before `high`. */
export interface OffsetRange {
  readonly low: number
  readonly high: number
}

/** The id of a partition in positions. Topic names have no colon. */
export function partitionId(topic: string, partition: number): string {
  return `${topic}:${partition}`
}

/** Undoes `partitionId`. */
export function topicPartition(id: string): { readonly topic: string; readonly partition: number } {
  const colon = id.lastIndexOf(':')
  return { topic: id.slice(0, colon), partition: Number(id.slice(colon + 1)) }
}

/** The ranges of all partitions of a topic, by partition id. */
export async function fetchRanges(admin: Admin, topic: string): Promise<Map<string, OffsetRange>> {
  const partitions = await admin.fetchTopicOffsets(topic)
  return new Map(
    partitions.map(({ partition, low, high }) => [
      partitionId(topic, partition),
      { low: Number(low), high: Number(high) },
    ]),
  )
}

/** Throws for topics that aren't there: kafkajs would ask for them again and again. */
export async function requireTopics(admin: Admin, topics: readonly string[], brokers: string): Promise<void> {
  const known = new Set(await admin.listTopics())
  const missing = topics.filter((topic) => !known.has(topic))
  if (missing.length === 0) return
  throw new Error(
    `Kafka at ${brokers} has no topic ${missing.map((topic) => `'${topic}'`).join(', ')} that this user may see: ` +
      'create it or correct the name',
  )
}

/**
 * Where to start: the stored position, held against what the topic still has, else one of its ends.
 * `lost` counts records that Kafka deleted before Picket read them.
 */
export function startOffset(
  id: string,
  stored: number | undefined,
  range: OffsetRange,
  otherwise: 'earliest' | 'latest',
): { readonly offset: number; readonly lost: number } {
  if (stored === undefined) return { offset: otherwise === 'earliest' ? range.low : range.high, lost: 0 }
  if (stored > range.high) throw recreated(id, stored, range.high)
  return { offset: Math.max(stored, range.low), lost: Math.max(0, range.low - stored) }
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
