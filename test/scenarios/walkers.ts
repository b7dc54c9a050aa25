import type { Event } from '../../core/event/event.ts'
import { walk } from './sequential-enumeration.ts'

/** `count` callers, one every `everyMs`, who each walk 80 ids of their own within a minute and are mostly refused. */
export function walkers(count: number, start: number, everyMs: number): Event[] {
  return Array.from({ length: count }, (_, index) =>
    walk({
      seed: index,
      start: start + index * everyMs,
      durationMs: 60_000,
      principal: `mallory-${index}`,
      ip: `203.0.113.${100 + index}`,
      ids: Array.from({ length: 80 }, (_id, step) => String(40_000 + index * 1000 + step)),
      refusedShare: 0.6,
      missedShare: 0.1,
    }),
  ).flat()
}
