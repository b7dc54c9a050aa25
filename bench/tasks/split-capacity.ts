// Writes the events of a recording to the topic of a cluster whose roles are split, as many as it takes, and says how many a
// second are through: observed, and these observations judged. The same processes as in time-split-decisions share the machine.
import { setTimeout as sleep } from 'node:timers/promises'
import kafkajs, { type Admin } from 'kafkajs'
import { keepProbing } from '../latency/keep-probing.ts'
import { startSplit } from '../latency/measured-picket.ts'
import { PacedLines, wallMs } from '../latency/paced-lines.ts'
import type { SplitInput } from '../latency/split-input.ts'
import { progressOf } from '../measures/cluster-members.ts'
import { giveResult, taskInput } from './task.ts'

const input = taskInput<SplitInput>()
const { brokers, topic, path, seconds } = input
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

const picket = await startSplit(input)
const { Kafka, logLevel } = kafkajs
const admin = new Kafka({ clientId: 'bench', brokers: [...brokers], logLevel: logLevel.NOTHING }).admin()
await admin.connect()
const lines = new PacedLines(path, picket.out)
/** Writes as much as is taken: more than a few would only wait in the topic, and cost the broker what the others need. */
async function fill(forMs: number): Promise<void> {
  const untilMs = wallMs() + forMs
  while (wallMs() < untilMs) {
    await lines.flood(Math.min(wallMs() + burstMs, untilMs))
    while (lines.sent - (await through(admin)) > waitingMax && wallMs() < untilMs) await sleep(burstMs)
  }
}
await fill(warmUpMs)
const stopProbing = keepProbing(picket)
const [before, startedAt] = [await through(admin), wallMs()]
await fill(seconds * 1000)
const rate = (((await through(admin)) - before) * 1000) / (wallMs() - startedAt)
await stopProbing()
await admin.disconnect()
await picket.stop()
giveResult({ rate })
