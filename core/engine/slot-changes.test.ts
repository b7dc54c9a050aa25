import fc from 'fast-check'
import { expect, it } from 'vitest'
import { PackLedger } from './pack-ledger.ts'
import { SlotChanges } from './slot-changes.ts'

/** What is written of a slot: its value, or that it is gone. */
type Written = readonly [slot: number, value: number | undefined]

interface Cut {
  readonly values: ReadonlyMap<number, number>
  readonly written: Written[]
  readonly number: number
  readonly oldest: number
}

/** Slots with values, and a store that keeps what cuts give it, a while after they are made. */
class Subject {
  readonly changes: SlotChanges
  readonly values = new Map<number, number>()
  #gone: Written[] = []
  #cut: Cut | undefined
  readonly #packs = new Map<number, readonly Written[]>()

  constructor() {
    const bounds = { deadBytesMin: 4, packsMax: 20, renewedBytesMax: 3 }
    this.changes = new SlotChanges('packs', new PackLedger(bounds))
  }

  change(slot: number, value: number): void {
    this.changes.changed(slot)
    this.values.set(slot, value)
  }

  release(slot: number): void {
    if (!this.values.has(slot)) return
    // As the engine: nothing is released before the cut is written, but the commit may be under way for long.
    while (this.changes.writeSome());
    if (this.changes.released(slot)) this.#gone.push([slot, undefined])
    this.values.delete(slot)
  }

  cut(): void {
    this.store()
    const written = this.#gone.splice(0)
    const values = new Map(this.values)
    const numbers = this.changes.cut((slot) => {
      written.push([slot, this.values.get(slot)])
      return 1
    })
    this.#cut = { values, written, ...numbers }
  }

  /** Stores the last cut, and holds the store against what was there when it was made. */
  store(): void {
    if (!this.#cut) return
    while (this.changes.writeSome());
    const { values, written, number, oldest } = this.#cut
    this.#cut = undefined
    if (written.length > 0) {
      this.#packs.set(number, written)
      for (const known of this.#packs.keys()) if (known < oldest) this.#packs.delete(known)
    }
    expect(new Map([...this.stored].sort(bySlot))).toEqual(new Map([...values].sort(bySlot)))
  }

  get stored(): Map<number, number> {
    const stored = new Map<number, number>()
    for (const [, written] of [...this.#packs].sort(bySlot)) {
      for (const [slot, value] of written) {
        if (value === undefined) stored.delete(slot)
        else stored.set(slot, value)
      }
    }
    return stored
  }

  get size(): { readonly records: number; readonly packs: number } {
    const records = [...this.#packs.values()].reduce((sum, { length }) => sum + length, 0)
    return { records, packs: this.#packs.size }
  }
}

function bySlot([left]: readonly [number, unknown], [right]: readonly [number, unknown]): number {
  return left - right
}

const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.tuple(fc.constant('change' as const), fc.nat(20)) },
    { weight: 2, arbitrary: fc.tuple(fc.constant('release' as const), fc.nat(20)) },
    { weight: 2, arbitrary: fc.tuple(fc.constant('cut' as const), fc.nat(20)) },
  ),
  { maxLength: 200 },
)

it('has the store know what was there at each cut, whatever changes while it is written', () => {
  fc.assert(
    fc.property(steps, (list) => {
      const subject = new Subject()
      for (const [nth, [step, slot]] of list.entries()) {
        if (step === 'change') subject.change(slot, nth)
        else if (step === 'release') subject.release(slot)
        else subject.cut()
      }
      subject.cut()
      subject.store()
    }),
    { numRuns: 1000 },
  )
})

it('tells what changed where nobody keeps it, and names nothing as gone', () => {
  const changes = new SlotChanges('changes')
  const written: number[] = []
  for (const slot of [3, 5]) changes.changed(slot)
  expect(changes.released(5)).toBe(false)
  changes.cut((slot) => written.push(slot))
  expect([changes.writeSome(), written, changes.released(3)]).toEqual([false, [3], false])
})

it('keeps a log short in which one slot lives on and others come and go', () => {
  const subject = new Subject()
  for (let slot = 0; slot < 10; slot++) subject.change(slot, -1)
  for (let round = 0; round < 500; round++) {
    subject.change(100 + (round % 7), round)
    if (round % 7 === 6) subject.release(100 + (round % 5))
    subject.cut()
    subject.store()
    expect(subject.size.records).toBeLessThan(80)
    expect(subject.size.packs).toBeLessThan(24)
  }
  expect(subject.stored.get(0)).toBe(-1)
})

it('remembers nothing where nothing is stored', () => {
  const changes = new SlotChanges('nothing')
  changes.changed(3)
  const written: number[] = []
  changes.cut((slot) => {
    written.push(slot)
    return 1
  })
  expect(changes.writeSome()).toBe(false)
  expect([written, changes.released(3)]).toEqual([[], false])
})
