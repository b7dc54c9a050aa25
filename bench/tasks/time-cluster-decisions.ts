// One process that plays gateway and clients: it sends events to a topic at a given rate, and asks the ext_authz of a
// process that serves until the decision is there. Every time is taken by this process's own clock.
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { AuthzClient } from '../latency/authz-client.ts'
import { PacedLines } from '../latency/paced-lines.ts'
import { startPicket } from '../latency/picket-process.ts'
import { sendExpiredToken, untilRefused } from '../latency/probes.ts'
import { topicWriter } from '../latency/topic-writer.ts'
import { giveResult, taskInput } from './task.ts'

const { config, brokers, topic, port, path, seconds, built } = taskInput<{
  readonly config: string
  readonly brokers: string[]
  readonly topic: string
  readonly port: number
  /** A recording at the rate that is wanted. */
  readonly path: string
  readonly seconds: number
  readonly built: boolean
}>()
/** Groups are joined, code is compiled and traffic stands behind the clients before anything is timed. */
const warmUpMs = 15_000
const pauseMs = { min: 20, spread: 100 }

const processes = ['ingest', 'detect', 'respond', 'serve'].map((role) =>
  startPicket(config, built, ['--roles', role]),
)
await Promise.all(processes.map(({ ready }) => ready))
const out = await topicWriter(brokers, topic)
const authz = new AuthzClient(port)
const lines = new PacedLines(path, out)
lines.start()
await sleep(warmUpMs)

const untilMs = Date.now() + seconds * 1000
const sentBefore = lines.sent
const startedAt = performance.now()
const ms: number[] = []
let lost = 0
for (let serial = 0; Date.now() < untilMs; serial++) {
  const sentAt = performance.now()
  const latency = await untilRefused(authz, sendExpiredToken(out, serial), sentAt)
  if (latency === undefined) lost++
  else ms.push(latency)
  await sleep(pauseMs.min + ((serial * 7919) % pauseMs.spread))
}
const rate = ((lines.sent - sentBefore) * 1000) / (performance.now() - startedAt)
lines.stop()
authz.close()
out.end()
for (const { child } of processes) child.kill('SIGTERM')
await Promise.all(processes.map(({ ended }) => ended))
giveResult({ ms, lost, rate, waitingBytesMax: lines.waitingBytesMax })
