import { performance } from 'node:perf_hooks'
import type { Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AuthzClient } from './authz-client.ts'
import type { PacedLines } from './paced-lines.ts'
import { sendStepOfWalk, untilRefused } from './probes.ts'

/** The pane of sequential-enumeration. */
const paneMs = 15_000
const walkers = 16
const steps = 60
const stepMs = 100

/**
 * In each pane some callers walk ids; the first event whose time lies a pane's end and the lateness behind seals the
 * pane, and starts the clock for all of them. Returns the latencies, and how many never came.
 */
export async function walkPanes(options: {
  readonly out: Writable
  readonly lines: PacedLines
  readonly authz: AuthzClient
  readonly latenessMs: number
  readonly untilMs: number
}): Promise<{ readonly ms: number[]; lost: number }> {
  const { out, lines, authz, latenessMs, untilMs } = options
  const ms: number[] = []
  let lost = 0
  for (let pane = 0; ; pane++) {
    const begin = Math.ceil(Date.now() / paneMs) * paneMs
    const sealedBy = begin + paneMs + latenessMs
    if (sealedBy > untilMs) return { ms, lost }
    await sleep(begin + 500 - Date.now())
    const names = Array.from({ length: walkers }, (_, index) => `walker-${begin}-${index}`)
    for (let step = 0; step < steps; step++) {
      for (const [index, name] of names.entries()) sendStepOfWalk(out, name, pane * walkers + index, step)
      await sleep(stepMs)
    }
    const startedAt = await new Promise<number>((resolve) => {
      lines.onTick = (eventTime) => {
        if (eventTime >= sealedBy) resolve(performance.now())
      }
    })
    const latencies = await Promise.all(names.map((sub) => untilRefused(authz, { sub }, startedAt)))
    for (const latency of latencies) {
      if (latency === undefined) lost++
      else ms.push(latency)
    }
  }
}
