import type { TopicMessages } from 'kafkajs'
import type { DeadLetter } from '../../../core/event/refusal.ts'

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
