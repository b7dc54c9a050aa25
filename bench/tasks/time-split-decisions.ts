// As time-decisions, of roles split over four processes with Kafka between them: events go to a topic, and the process
// with the role `serve` is asked.
import { startSplit } from '../latency/measured-picket.ts'
import type { SplitInput } from '../latency/split-input.ts'
import { timeProbes } from '../latency/time-probes.ts'
import { giveResult, taskInput } from './task.ts'

const input = taskInput<SplitInput>()
const picket = await startSplit(input)
const { path, seconds } = input
const timed = await timeProbes({ ...picket, path, seconds })
await picket.stop()
giveResult(timed)
