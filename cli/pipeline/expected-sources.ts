import type { Watermarks } from '../../core/engine/watermarks.ts'
import { partitionKey } from '../../core/event/position.ts'

/**
 * Sources that are about to be read. Until each has begun to give, event time stands still: the first partition to open
 * would take it to where that had come alone, and find the others late.
 */
export class ExpectedSources {
  readonly #watermarks: Watermarks
  readonly #unbegun = new Set<string>()

  constructor(watermarks: Watermarks) {
    this.#watermarks = watermarks
  }

  expect(sources: readonly string[]): void {
    for (const source of sources) {
      this.#unbegun.add(source)
      this.#watermarks.opened(unopened(source), 0)
    }
  }

  /** It gives events, says that it has none for now, or has ended: it has opened all its partitions. */
  begun(source: string): void {
    if (this.#unbegun.delete(source)) this.#watermarks.ended(unopened(source))
  }
}

/** Stands in the watermarks for a source that has not opened a partition yet. */
function unopened(source: string): string {
  return partitionKey(source, '')
}
