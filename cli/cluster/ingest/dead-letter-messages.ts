import type { KafkaMessage, TopicMessages } from 'kafkajs'
import type { DeadLetter, RefusalReason } from '../../../core/event/refusal.ts'

/** What was refused, masked as everywhere, with why and where in headers. */
export function deadLetterMessages(topic: string, letters: readonly DeadLetter[]): TopicMessages {
  const messages = letters.map(({ position, reason, detail, raw }) => ({
    key: `${position.source} ${position.partition}`,
    value: raw,
    partition: 0,
    headers: {
      'picket-reason': reason,
      'picket-detail': detail,
      'picket-source': position.source,
      'picket-partition': position.partition,
      'picket-offset': String(position.offset),
    },
  }))
  return { topic, messages }
}

/** Undoes it; `undefined` for a message of somebody else. */
export function readDeadLetter({ value, headers = {} }: KafkaMessage): DeadLetter | undefined {
  const text = (name: string) => String(headers[`picket-${name}`] ?? '')
  const offset = Number(text('offset'))
  if (!value || text('source') === '' || !Number.isSafeInteger(offset)) return undefined
  return {
    position: { source: text('source'), partition: text('partition'), offset },
    // A newer process may know others, and they are only shown.
    reason: text('reason') as RefusalReason,
    detail: text('detail'),
    raw: value.toString('utf8'),
  }
}
