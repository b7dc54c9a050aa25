import { performance } from 'node:perf_hooks'
import type { Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AuthzClient } from './authz-client.ts'
import { PacedLines } from './paced-lines.ts'
import { walkPanes } from './pane-walkers.ts'
import { sendExpiredToken, untilRefused } from './probes.ts'

export interface ProbeOptions {
  /** Where events go: a pipe, or a topic. */
  readonly out: Writable
  readonly authz: AuthzClient
  /** A recording at the rate that is wanted. */
  readonly path: string
  readonly seconds: number
  /** Of the source, when final findings are timed as well. */
  readonly latenessMs?: number
}

export interface Latencies {
  readonly ms: readonly number[]
  /** Decisions that never came. */
  readonly lost: number
}

export interface Timed {
  readonly provisional: Latencies
  readonly sealed: Latencies
  /** Of one question to ext_authz under the same load. */
  readonly questionMs: readonly number[]
  /** Events a second beside the probes. */
  readonly rate: number
  readonly waitingBytesMax: number
}

/** The code of all processes is compiled, and traffic stands behind the clients, before anything is timed. */
const warmUpMs = 10_000
const roundTrips = 500
const warmUpProbes = 20
const pauseMs = { min: 10, spread: 50 }

/** Plays gateway and clients: sends traffic at its pace and probes among it, and asks until each decision is there. */
export async function timeProbes({ out, authz, path, seconds, latenessMs }: ProbeOptions): Promise<Timed> {
  const lines = new PacedLines(path, out)
  lines.start()
  await sleep(warmUpMs)
  /** What a question costs under this load: no decision can be seen sooner. */
  const questionMs: number[] = []
  for (let index = 0; index < roundTrips; index++) {
    const asked = performance.now()
    await authz.isRefused({ sub: `nobody-${index}` })
    questionMs.push(performance.now() - asked)
  }
  /** The way of a decision is compiled too. */
  for (let serial = -warmUpProbes; serial < 0; serial++)
    await untilRefused(authz, sendExpiredToken(out, serial), performance.now())
  lines.waitingBytesMax = 0
  const untilMs = Date.now() + seconds * 1000
  const sentBefore = lines.sent
  const startedAt = performance.now()
  const provisional = { ms: [] as number[], lost: 0 }
  const walking =
    latenessMs === undefined
      ? Promise.resolve({ ms: [], lost: 0 })
      : walkPanes({ out, lines, authz, latenessMs, untilMs })
  for (let serial = 0; Date.now() < untilMs; serial++) {
    const sentAt = performance.now()
    const latency = await untilRefused(authz, sendExpiredToken(out, serial), sentAt)
    if (latency === undefined) provisional.lost++
    else provisional.ms.push(latency)
    // Not in step with anything that Picket does at intervals.
    await sleep(pauseMs.min + ((serial * 7919) % pauseMs.spread))
  }
  const rate = ((lines.sent - sentBefore) * 1000) / (performance.now() - startedAt)
  const sealed = await walking
  lines.stop()
  return { provisional, sealed, questionMs, rate, waitingBytesMax: lines.waitingBytesMax }
}
