import type { Engine } from '../../core/engine/engine.ts'
import { requestOfMany } from '../workloads/many-keys.ts'

const start = Date.UTC(2026, 2, 9, 8)
const windowMs = 10 * 60_000
const requestsEach = 2
const requestsPerCommit = 50_000

/**
 * Shows an engine requests of so many principals, each with an address and a token of its own, and calls `commit` now and then
 * and in the end. Returns how many entities it holds.
 */
export async function fillEngine(
  engine: Engine,
  principals: number,
  commit: () => Promise<void>,
): Promise<number> {
  const total = principals * requestsEach
  for (let serial = 0; serial < total; serial++) {
    const time = start + Math.floor((serial * windowMs) / total)
    engine.observe(requestOfMany(serial % principals, time, serial))
    if (serial % requestsPerCommit !== requestsPerCommit - 1) continue
    engine.advance(time - 30_000)
    await commit()
  }
  await commit()
  return entitiesOf(engine)
}

/** Entities that all detectors hold together. */
export function entitiesOf(engine: Engine): number {
  return [...engine.entityCounts().values()].reduce((sum, count) => sum + count, 0)
}
