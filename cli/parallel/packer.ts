import { type EventField, eventFields } from '../../core/event/event-fields.ts'
import { hintsOf } from '../../core/event/event-record.ts'
import type { FormatId } from '../../ingest/formats/formats.ts'
import type { Located } from '../pipeline/partition-lane.ts'
import { compileWriter } from './compile-fields.ts'
import { Dictionary, type Value } from './dictionary.ts'
import type { EventsMessage } from './thread-messages.ts'

/** Copies the fields of accepted events for other threads, which need not decode them again. */
export class Packer {
  /** Words of an event: its dictionary, and one for each field. */
  readonly #words: number
  /** Numbers of an event, at most: its time, and those of fields. */
  readonly #numbers: number
  readonly #write: ReturnType<typeof compileWriter>
  /** One for each format, because decoders give their numbers each by itself. */
  readonly #dictionaries = new Map<FormatId | undefined, { number: number; known: Dictionary }>()

  /** Of the fields that the readers of all messages read, beside the time. */
  constructor(fields: readonly EventField[]) {
    this.#words = fields.length + 1
    this.#numbers = fields.filter(isNumber).length + 1
    this.#write = compileWriter(fields)
  }

  /** The events of one part, still valid; the message owns its memory. */
  pack(items: readonly Located[]): EventsMessage {
    const write = this.#write
    const words = new Int32Array(items.length * this.#words)
    const numbers = new Float64Array(items.length * this.#numbers)
    const parcel = { words, numbers, values: [] as Value[] }
    const place = { word: 0, number: 0, value: 0 }
    for (const { event, lane } of items) {
      const { number, known } = this.#dictionaryOf(lane.format)
      words[place.word++] = number
      numbers[place.number++] = event.time
      write(parcel, place, event, hintsOf(event), known)
    }
    return { kind: 'events', events: items.length, ...parcel }
  }

  #dictionaryOf(format: FormatId | undefined): { number: number; known: Dictionary } {
    const known = this.#dictionaries.get(format)
    if (known) return known
    const made = { number: this.#dictionaries.size, known: new Dictionary() }
    this.#dictionaries.set(format, made)
    return made
  }
}

function isNumber(field: EventField): boolean {
  const { type } = eventFields[field]
  return type === 'number' || type === 'instant'
}
