import { Arrivals } from './arrivals.ts'

/**
 * Several iterables as one, in the order in which they answer. Each is asked for its next value only after its
 * last one was consumed. The first value of each comes before the second of any.
 */
export async function* interleave<Value>(iterables: readonly AsyncIterable<Value>[]): AsyncGenerator<Value> {
  const arrivals = new Arrivals(iterables)
  const open = new Set(iterables.keys())
  try {
    for (const first of [...open]) {
      arrivals.ask(first)
      await arrivals.wait()
      for (const { index, result } of arrivals.take()) {
        if (result.done) open.delete(index)
        else yield result.value
      }
    }
    for (const index of open) arrivals.ask(index)
    while (open.size > 0) {
      await arrivals.wait()
      for (const { index, result } of arrivals.take()) {
        if (result.done) {
          open.delete(index)
          continue
        }
        yield result.value
        arrivals.ask(index)
      }
    }
  } finally {
    await arrivals.close()
  }
}
