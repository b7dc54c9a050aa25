import type { LostRange } from '../../../core/ports/source.ts'

/** Kafka no longer has them: retention, or somebody, deleted them unread. */
export function deletedUnread(from: number, to: number): LostRange {
  return { from, to, why: 'Kafka deleted them before they were read (retention)' }
}

/** What can't be decoded of a partition, of the part that is being read. */
export function unreadableOf({ from, to, why }: LostRange, next: number, until: number): LostRange {
  return { from: Math.max(from, next), to: Math.min(to, until), why: `they can't be decoded (${why})` }
}

/** Which records are lost, for a person. */
export function lostNotice(partition: string, { from, to, why }: LostRange): string {
  const count = to - from
  const which =
    count === 1
      ? `record of ${partition}, offset ${from},`
      : `records of ${partition}, offsets ${from} to ${to - 1},`
  return `${count} ${which} ${count === 1 ? 'is' : 'are'} lost: ${why}`
}

/** Another member of the group reads them now. */
export function movedNotice(partitions: readonly string[], groupId: string): string {
  const which = partitions.length > 3 ? `${partitions.length} partitions` : partitions.join(', ')
  return (
    `another member of the consumer group '${groupId}' took ${which}: it judges what comes there by a state of its own. ` +
    'If that is not meant, give each Picket its own `group`'
  )
}

/** No broker answers; trying goes on. */
export function awayNotice(brokers: string, why: string): string {
  const check =
    'check that they run, that the brokers in picket.yaml are right, and that this machine may connect'
  return `can't reach Kafka at ${brokers} yet (${why}); trying on: ${check}`
}
