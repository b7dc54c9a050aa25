import { performance } from 'node:perf_hooks'
import type { MeasuredPicket } from './measured-picket.ts'
import { sendExpiredToken, untilRefused } from './probes.ts'

/** Asks for one decision after the other, for decisions and questions are a part of the load, until what it gives is called. */
export function keepProbing({ out, authz }: MeasuredPicket): () => Promise<void> {
  let isOver = false
  async function probe(): Promise<void> {
    for (let serial = 0; !isOver; serial++)
      await untilRefused(authz, sendExpiredToken(out, serial), performance.now())
  }
  const probing = probe()
  return () => {
    isOver = true
    return probing
  }
}
