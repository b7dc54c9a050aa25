// One process that plays gateway and clients: it writes events into the pipe of a `picket run` at a given rate, and asks
// its ext_authz until the decision is there. Every time is taken by this process's own clock.
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { AuthzClient } from '../latency/authz-client.ts'
import { PacedLines } from '../latency/paced-lines.ts'
import { walkPanes } from '../latency/pane-walkers.ts'
import { startPicket } from '../latency/picket-process.ts'
import { sendExpiredToken, untilRefused } from '../latency/probes.ts'
import { giveResult, taskInput } from './task.ts'

const { config, port, path, seconds, latenessMs, built } = taskInput<{
  readonly config: string
  readonly port: number
  /** A recording at the rate that is wanted. */
  readonly path: string
  readonly seconds: number
  readonly latenessMs: number
  readonly built: boolean
}>()
/** The code of both processes is compiled, and traffic stands behind the clients, before anything is timed. */
const warmUpMs = 10_000
const roundTrips = 500
const warmUpProbes = 20
const pauseMs = { min: 10, spread: 50 }

const picket = startPicket(config, built)
await picket.ready
const out = picket.child.stdin
if (!out) throw new Error('picket has no standard input')
// It may end before it has read what the pipe still holds.
out.on('error', () => {})
const authz = new AuthzClient(port)
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
const walking = walkPanes({ out, lines, authz, latenessMs, untilMs })
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
authz.close()
// A reader of an open pipe would wait for more of it.
out.end()
picket.child.kill('SIGTERM')
await picket.ended
giveResult({ provisional, sealed, questionMs, rate, waitingBytesMax: lines.waitingBytesMax })
