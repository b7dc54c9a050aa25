import type { Shape } from '../aggregates/aggregate.ts'
import type { CellArena } from '../aggregates/cell-arena.ts'
import { grown } from '../aggregates/grown.ts'

/** What open panes add to long memory until they are sealed: slots in the arena of its slices, by pane. */
export class OpenMemory {
  readonly #arena: CellArena<Shape>
  /** Slot of each pane plus one; 0 for none. */
  #slots = new Int32Array(0)

  constructor(arena: CellArena<Shape>) {
    this.#arena = arena
  }

  /** The pane's slot, or −1. */
  of(pane: number): number {
    return (this.#slots[pane] ?? 0) - 1
  }

  /** The pane's slot, opened when it has none. */
  open(pane: number): number {
    const known = this.of(pane)
    if (known >= 0) return known
    if (pane >= this.#slots.length) this.#slots = grown(this.#slots, pane + 1)
    const slot = this.#arena.open()
    this.#slots[pane] = slot + 1
    return slot
  }

  /** Gives all slots back. */
  clear(): void {
    for (let pane = 0; pane < this.#slots.length; pane++) {
      const slot = this.of(pane)
      if (slot < 0) continue
      this.#arena.release(slot)
      this.forget(pane)
    }
  }

  /** The pane's slot belongs to somebody else. */
  forget(pane: number): void {
    this.#slots[pane] = 0
  }
}
