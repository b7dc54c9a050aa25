import type { Event } from '../../core/event/event.ts'

/** Something that causes events, one after another. */
export interface Actor {
  /** When it acts next, epoch milliseconds; `Infinity` when it is done. */
  next: number
  /** Does what is due at `next`, and moves `next` on. */
  act(): Event | undefined
}

/** Actors by the time at which they act next: a binary heap. */
export class Timeline {
  readonly #heap: Actor[] = []

  add(actor: Actor): void {
    let at = this.#heap.push(actor) - 1
    for (; at > 0; ) {
      const above = (at - 1) >> 1
      if (this.#at(above).next <= actor.next) break
      this.#heap[at] = this.#at(above)
      at = above
    }
    this.#heap[at] = actor
  }

  /** Events in the order of time, without end as long as somebody acts. */
  *events(): Generator<Event, void> {
    for (;;) {
      const actor = this.#take()
      if (!actor) return
      const event = actor.act()
      if (actor.next !== Number.POSITIVE_INFINITY) this.add(actor)
      if (event) yield event
    }
  }

  #take(): Actor | undefined {
    const first = this.#heap[0]
    const last = this.#heap.pop()
    if (last && last !== first) this.#sink(last)
    return first
  }

  /** Puts an actor in place of the top one. */
  #sink(actor: Actor): void {
    const heap = this.#heap
    let at = 0
    for (;;) {
      const left = 2 * at + 1
      if (left >= heap.length) break
      const right = left + 1
      const below = right < heap.length && this.#at(right).next < this.#at(left).next ? right : left
      if (this.#at(below).next >= actor.next) break
      heap[at] = this.#at(below)
      at = below
    }
    heap[at] = actor
  }

  #at(index: number): Actor {
    return this.#heap[index] as Actor
  }
}
