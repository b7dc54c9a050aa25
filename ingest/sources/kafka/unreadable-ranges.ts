import type { KafkaMessage } from 'kafkajs'
import type { LostRange } from '../../../core/ports/source.ts'
import { whyUnreadable } from './codecs/unreadable-batch.ts'

/** The runs of marks among the messages. The first may begin inside a batch, of which kafkajs left out what was before `from`. */
export function unreadableRanges(messages: readonly KafkaMessage[], from: number): LostRange[] {
  const ranges: { from: number; to: number; why: string }[] = []
  let previous: string | undefined
  for (const message of messages) {
    const why = whyUnreadable(message)
    const offset = Number(message.offset)
    const range = ranges.at(-1)
    if (why !== undefined && why === previous && range) range.to = Math.max(range.to, offset + 1)
    else if (why !== undefined)
      ranges.push({ from: message === messages[0] ? from : offset, to: offset + 1, why })
    previous = why
  }
  return ranges
}
