import { EventBatch } from '../../core/engine/event-batch.ts'
import type { EventField } from '../../core/event/event-fields.ts'
import { EventRecord } from '../../core/event/event-record.ts'
import { compileReader } from './compile-fields.ts'
import { Dictionary } from './dictionary.ts'
import type { EventsMessage } from './thread-messages.ts'

/** Makes the events that a `Packer` of the same fields packed again, from its messages in their order. */
export class Unpacker {
  readonly #read: ReturnType<typeof compileReader>
  readonly #dictionaries: Dictionary[] = []
  /** Filled again and again; whoever is given them must not keep them. */
  readonly #items = Array.from({ length: EventBatch.sizeMax }, () => ({ event: new EventRecord() }))

  constructor(fields: readonly EventField[]) {
    this.#read = compileReader(fields)
  }

  /** Gives the events to `take`, some at a time, which must not keep them. */
  each(message: EventsMessage, take: (items: readonly { readonly event: EventRecord }[]) => void): void {
    const { words, numbers } = message
    const read = this.#read
    const items = this.#items
    const place = { word: 0, number: 0, value: 0 }
    let filled = 0
    for (let left = message.events; left > 0; left--) {
      const { event } = items[filled++] as { readonly event: EventRecord }
      const known = this.#dictionary(words[place.word++] as number)
      event.time = numbers[place.number++] as number
      read(message, place, event, event.hints, known)
      if (filled < items.length) continue
      take(items)
      filled = 0
    }
    if (filled > 0) take(items.slice(0, filled))
  }

  #dictionary(number: number): Dictionary {
    this.#dictionaries[number] ??= new Dictionary()
    return this.#dictionaries[number] as Dictionary
  }
}
