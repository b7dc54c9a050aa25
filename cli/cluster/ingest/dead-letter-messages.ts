import type { KafkaMessage, TopicMessages } from 'kafkajs'
import type { Position } from '../../../core/event/position.ts'
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

/** Where a message of the topic says that its record stood. */
export function readDeadLetterPlace({ headers }: Pick<KafkaMessage, 'headers'>): Position {
  const text = (name: string) => String(headers?.[`picket-${name}`] ?? '')
  return { source: text('source'), partition: text('partition'), offset: Number(text('offset')) }
}

/** Undoes `deadLetterMessages`; `undefined` for a message of somebody else. */
export function readDeadLetter(message: KafkaMessage): DeadLetter | undefined {
  const { value, headers = {} } = message
  const position = readDeadLetterPlace(message)
  if (!value || position.source === '' || !Number.isSafeInteger(position.offset)) return undefined
  return {
    position,
    // A newer process may know others, and they are only shown.
    reason: String(headers['picket-reason'] ?? '') as RefusalReason,
    detail: String(headers['picket-detail'] ?? ''),
    raw: value.toString('utf8'),
  }
}
