import type { SealedPane } from '../../core/engine/sealed-pane.ts'
import { type Positions, partitionKey } from '../../core/event/position.ts'
import type { Changes } from '../../core/ports/state-store.ts'
import type { World } from './world.ts'

/** What became of a record: judged, counted as late, or a dead letter. */
export type Fated = 'accepted' | 'late' | 'refused'

interface Judged {
  readonly key: string
  readonly offset: number
  readonly fated: Fated
}

/**
 * Which records are durably judged, and how often: what a process judges counts when the transaction that holds it has
 * been written. Between two lives everything before the stored positions must have counted once, and nothing behind.
 */
export class IntakeLedger {
  /** By partition key and offset. */
  readonly durable = new Map<string, Map<number, Fated>>()
  /** Greatest time of an event, epoch milliseconds. */
  greatest = Number.NEGATIVE_INFINITY
  readonly #world: World
  #pending: Judged[] = []
  #captured: Judged[] = []
  readonly #sealed = new Set<string>()
  readonly #taken = new WeakMap<object, readonly Judged[]>()

  constructor(world: World) {
    this.#world = world
  }

  /** An event was judged by the process of now. */
  judged(key: string, offset: number, time: number, isLate: boolean): void {
    this.greatest = Math.max(this.greatest, time)
    this.#pending.push({ key, offset, fated: isLate ? 'late' : 'accepted' })
  }

  /** What was judged so far belongs to the next commit; `watermark` is the engine's, and everything before it sealed. */
  captured(watermark: number, paneMsMax: number): void {
    const aheadMs = watermark - this.greatest - paneMsMax
    if (aheadMs > 0) this.#world.violate(`event time is ${aheadMs} ms ahead of all that happened`)
    this.#captured.push(...this.#pending)
    this.#pending = []
  }

  /** A commit begins; the same changes may come again. */
  taken({ packs }: Changes): void {
    if (!packs || this.#taken.has(packs)) return
    this.#taken.set(packs, this.#captured)
    this.#captured = []
  }

  /** The changes were written. */
  written({ packs, deadLetters = [] }: Changes): void {
    for (const { key, offset, fated } of (packs && this.#taken.get(packs)) ?? [])
      this.#count(key, offset, fated)
    for (const { position } of deadLetters)
      this.#count(partitionKey(position.source, position.partition), position.offset, 'refused')
  }

  /** Panes were sealed, durably: time that is over is over, and none is told of again. */
  sealed(panes: readonly SealedPane[]): void {
    for (const { detector, entity, start } of panes) {
      const name = `${detector} ${entity.kind} ${entity.id} ${start}`
      if (this.#sealed.has(name)) this.#world.violate(`twice: pane ${name} was sealed again`)
      this.#sealed.add(name)
    }
  }

  /** The process is gone, and with it what was not written. */
  restarted(positions: Positions): void {
    this.#pending = []
    this.#captured = []
    this.check(positions)
  }

  /** Holds what is durable against the stored positions. */
  check(positions: Positions): void {
    for (const { source, name, records } of this.#world.partitions) {
      const key = partitionKey(source, name)
      const position = positions.get(key) ?? 0
      const counted = this.durable.get(key)
      for (const { offset } of records) {
        const has = counted?.has(offset) ?? false
        if (offset < position && !has)
          this.#world.violate(`lost: ${name} stands at ${position}, and ${offset} was never judged`)
        if (offset >= position && has)
          this.#world.violate(`to come twice: ${name} stands at ${position}, and ${offset} was judged`)
      }
    }
  }

  #count(key: string, offset: number, fated: Fated): void {
    const counted = this.durable.get(key) ?? new Map<number, Fated>()
    this.durable.set(key, counted)
    if (counted.has(offset))
      this.#world.violate(
        `twice: offset ${offset} of ${key} was ${counted.get(offset)}, and is ${fated} again`,
      )
    counted.set(offset, fated)
  }
}
