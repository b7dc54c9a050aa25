// As time-decisions, of roles split over four processes with Kafka between them: events go to a topic, and the process
// with the role `serve` is asked.
import { AuthzClient } from '../latency/authz-client.ts'
import { startPicket } from '../latency/picket-process.ts'
import type { SplitInput } from '../latency/split-input.ts'
import { timeProbes } from '../latency/time-probes.ts'
import { topicWriter } from '../latency/topic-writer.ts'
import { stopMembers } from '../measures/cluster-members.ts'
import { giveResult, taskInput } from './task.ts'

const { brokers, topic, roles, port, built, ...options } = taskInput<SplitInput>()

const members = roles.map(({ role, config }) => startPicket(config, built, ['--roles', role]))
await Promise.all(members.map(({ ready }) => ready))
const out = await topicWriter(brokers, topic)
const authz = new AuthzClient(port)
const timed = await timeProbes({ out, authz, ...options })
authz.close()
await new Promise<void>((resolve) => out.end(resolve))
await stopMembers(members)
giveResult(timed)
