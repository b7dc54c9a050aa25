import type { Positions } from '../../core/event/position.ts'
import type { Source } from '../../core/ports/source.ts'

/** Tells each source what of it is durable, whenever a commit has moved one of its positions. */
export function acknowledger(sources: readonly Source[]): (positions: Positions) => void {
  const told = new Map<string, number>()
  return function acknowledge(positions) {
    const moved = new Set<string>()
    for (const [key, position] of positions) {
      if (told.get(key) === position) continue
      told.set(key, position)
      // As `partitionKey` makes it.
      moved.add(key.slice(0, key.indexOf('\u0000')))
    }
    for (const source of sources) {
      if (moved.has(source.id)) source.committed?.(positions).catch(() => {})
    }
  }
}
