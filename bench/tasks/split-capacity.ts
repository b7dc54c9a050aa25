// Writes the events of a recording to the topic of a cluster whose roles are split, as many as it takes, and says how many a
// second are through: observed, and these observations judged. The same processes as in time-split-decisions share the machine.
import { setTimeout as sleep } from 'node:timers/promises'
import kafkajs, { type Admin } from 'kafkajs'
import { AuthzClient } from '../latency/authz-client.ts'
import { PacedLines, wallMs } from '../latency/paced-lines.ts'
import { startPicket } from '../latency/picket-process.ts'
import { sendExpiredToken, untilRefused } from '../latency/probes.ts'
import type { SplitInput } from '../latency/split-input.ts'
import { topicWriter } from '../latency/topic-writer.ts'
import { progressOf, stopMembers } from '../measures/cluster-members.ts'
import { giveResult, taskInput } from './task.ts'

const { brokers, topic, roles, port, path, seconds, built } = taskInput<SplitInput>()
/** The code is compiled, and as many clients are known as in all of the recording. */
const warmUpMs = 15_000
const burstMs = 50
/** Events that wait to be observed or judged. */
const waitingMax = 20_000

/** Events of the topic that are observed, less those whose observations wait to be judged, about. */
async function through(admin: Admin): Promise<number> {
  const input = await progressOf(admin, topic, topic)
  const observations = await progressOf(admin, `${topic}.detect`, `${topic}.observations`)
  return observations.all === 0 ? 0 : input.done * (observations.done / observations.all)
}

const members = roles.map(({ role, config }) => startPicket(config, built, ['--roles', role]))
await Promise.all(members.map(({ ready }) => ready))
const out = await topicWriter(brokers, topic)
const authz = new AuthzClient(port)
const { Kafka, logLevel } = kafkajs
const admin = new Kafka({ clientId: 'bench', brokers: [...brokers], logLevel: logLevel.NOTHING }).admin()
await admin.connect()
const lines = new PacedLines(path, out)
let isOver = false
/** Decisions and questions are a part of the load. */
async function probe(): Promise<void> {
  for (let serial = 0; !isOver; serial++)
    await untilRefused(authz, sendExpiredToken(out, serial), performance.now())
}
/** Writes as much as is taken: more than a few would only wait in the topic, and cost the broker what the others need. */
async function fill(forMs: number): Promise<void> {
  const untilMs = wallMs() + forMs
  while (wallMs() < untilMs) {
    await lines.flood(Math.min(wallMs() + burstMs, untilMs))
    while (lines.sent - (await through(admin)) > waitingMax && wallMs() < untilMs) await sleep(burstMs)
  }
}
await fill(warmUpMs)
const probing = probe()
const [before, startedAt] = [await through(admin), wallMs()]
await fill(seconds * 1000)
const rate = (((await through(admin)) - before) * 1000) / (wallMs() - startedAt)
isOver = true
await probing
authz.close()
await admin.disconnect()
await new Promise<void>((resolve) => out.end(resolve))
await stopMembers(members)
giveResult({ rate })
