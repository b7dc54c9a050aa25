// Writes the events of a recording into the pipe of a `picket run`, as many as it takes, and says how many a second that is.
// The same processes as in time-decisions share the machine.
import { keepProbing } from '../latency/keep-probing.ts'
import { type PipedInput, startPiped } from '../latency/measured-picket.ts'
import { PacedLines, wallMs } from '../latency/paced-lines.ts'
import { giveResult, taskInput } from './task.ts'

const { path, seconds, ...input } = taskInput<
  PipedInput & { readonly path: string; readonly seconds: number }
>()
/** The code is compiled, and as many clients are known as in all of the recording. */
const warmUpMs = 10_000

const picket = await startPiped(input)
const lines = new PacedLines(path, picket.out)
const stopProbing = keepProbing(picket)
await lines.flood(wallMs() + warmUpMs)
const [sentBefore, startedAt] = [lines.sent, wallMs()]
await lines.flood(startedAt + seconds * 1000)
const rate = ((lines.sent - sentBefore) * 1000) / (wallMs() - startedAt)
await stopProbing()
await picket.stop()
giveResult({ rate })
