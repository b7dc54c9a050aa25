import type { Aggregate } from './aggregate.ts'

/** An integer sum. */
export interface Counter {
  readonly value: number
  add(count?: number): void
}

class Sum implements Counter {
  value = 0
  add(count = 1): void {
    this.value += count
  }
}

/** Counts; adds integers of zero or more. */
export function counter(): Aggregate<Counter> {
  return {
    kind: 'counter',
    open: () => new Sum(),
    merge: (into, from) => into.add(from.value),
    encode: (cell, out) => out.uint(cell.value),
    decode(from) {
      const cell = new Sum()
      cell.value = from.uint()
      return cell
    },
  }
}
