// One process that plays gateway and clients: it writes events into the pipe of a `picket run` at a given rate, and asks
// its ext_authz until the decision is there. Every time is taken by this process's own clock.
import { type PipedInput, startPiped } from '../latency/measured-picket.ts'
import { timeProbes } from '../latency/time-probes.ts'
import { giveResult, taskInput } from './task.ts'

const { config, port, built, ...options } = taskInput<
  PipedInput & { readonly path: string; readonly seconds: number; readonly latenessMs: number }
>()
const picket = await startPiped({ config, port, built })
const timed = await timeProbes({ ...picket, ...options })
await picket.stop()
giveResult(timed)
