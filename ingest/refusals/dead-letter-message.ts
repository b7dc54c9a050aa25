import type { DeadLetter } from '../../core/event/refusal.ts'

/** A dead letter as a message for other programs. */
export interface DeadLetterMessage {
  /** The position: who gets a message twice, after a crash, sees the same key and offset. */
  readonly key: string
  /** Start of the input, at most 4 KB, credentials masked. */
  readonly value: string
  readonly headers: Readonly<Record<string, string>>
}

/** `sentAt`: epoch milliseconds. Nothing in it makes two messages of one letter differ but that. */
export function deadLetterMessage(
  { position, reason, detail, raw }: DeadLetter,
  sentAt: number,
): DeadLetterMessage {
  const { source, partition, offset } = position
  const colon = partition.lastIndexOf(':')
  const isKafka = colon > 0 && /^\d+$/.test(partition.slice(colon + 1))
  return {
    key: `${source}:${partition}:${offset}`,
    value: raw,
    headers: {
      'picket-reason': reason,
      'picket-detail': detail,
      'picket-source': source,
      ...(isKafka
        ? { 'picket-topic': partition.slice(0, colon), 'picket-partition': partition.slice(colon + 1) }
        : { 'picket-partition': partition }),
      'picket-offset': String(offset),
      'picket-time': new Date(sentAt).toISOString(),
    },
  }
}
