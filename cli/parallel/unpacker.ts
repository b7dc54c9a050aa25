import { Buffer } from 'node:buffer'
import { EventBatch } from '../../core/engine/event-batch.ts'
import type { Decode } from '../../core/event/decoder.ts'
import type { Event } from '../../core/event/event.ts'
import { EventRecord } from '../../core/event/event-record.ts'
import type { FormatId } from '../../ingest/formats/formats.ts'
import { type Completion, completeEvent, type Privacy } from '../pipeline/complete-event.ts'
import { lineSize } from './packer.ts'
import type { EventsMessage } from './thread-messages.ts'

interface OpenLane {
  readonly decode: Decode
  readonly completion: Completion
}

/** Makes the events that a `Packer` packed again. */
export class Unpacker {
  readonly #open: (format: FormatId) => Decode
  readonly #privacy: Privacy
  readonly #lanes: OpenLane[] = []
  /** Filled again and again; whoever is given them must not keep them. */
  readonly #items = Array.from({ length: EventBatch.sizeMax }, () => ({ event: new EventRecord() }))

  constructor(open: (format: FormatId) => Decode, privacy: Privacy) {
    this.#open = open
    this.#privacy = privacy
  }

  /** Gives the events to `take`, some at a time, which must not keep them. */
  each(message: EventsMessage, take: (items: readonly { readonly event: Event }[]) => void): void {
    for (const { format, ...completion } of message.lanes) {
      this.#lanes.push({ decode: this.#open(format), completion })
    }
    const { lines } = message
    const bytes = Buffer.from(message.bytes)
    const items = this.#items
    let filled = 0
    for (let at = 0; at < lines.length; at += lineSize) {
      const { event } = items[filled++] as { readonly event: EventRecord }
      const lane = this.#lanes[lines[at] as number] as OpenLane
      const decoded = lane.decode(bytes, lines[at + 1] as number, lines[at + 2] as number, event)
      // The lane has accepted it, and decoders agree on that whatever fields they read.
      if (decoded !== 'event') throw new Error('unreachable: a line that was accepted is refused')
      completeEvent(event, lane.completion, this.#privacy)
      if (filled < items.length) continue
      take(items)
      filled = 0
    }
    take(items.slice(0, filled))
    take(message.held.map((event) => ({ event })))
  }
}
