/** A message of one of our topics that this process can't read. */
export interface Unreadable {
  readonly offset: number
  readonly why: string
}

/** Where it is, and what to do. Never to delete it: what lies before it in a topic of state is the state. */
export function unreadableText(topic: string, partition: number, { offset, why }: Unreadable): string {
  return `${topic}:${partition} can't be read at offset ${offset}: ${why}. Give all processes the version of Picket that wrote it`
}

/** The same of a topic that only hands over: what lies before the message is done, so a person may give it up. */
export function heldText(topic: string, partition: number, unreadable: Unreadable): string {
  const offset = unreadable.offset + 1
  const json = JSON.stringify({ version: 1, partitions: [{ topic, partition, offset }] })
  return (
    `${unreadableText(topic, partition, unreadable)}: what lies before it is done, what comes behind it waits. ` +
    `If no version reads it, give up what it holds: kafka-delete-records.sh --offset-json-file with ${json}`
  )
}
