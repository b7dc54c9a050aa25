// One process that plays gateway and clients: it writes events into the pipe of a `picket run` at a given rate, and asks
// its ext_authz until the decision is there. Every time is taken by this process's own clock.
import { AuthzClient } from '../latency/authz-client.ts'
import { startPicket } from '../latency/picket-process.ts'
import { timeProbes } from '../latency/time-probes.ts'
import { giveResult, taskInput } from './task.ts'

const { config, port, built, ...options } = taskInput<{
  readonly config: string
  readonly port: number
  readonly path: string
  readonly seconds: number
  readonly latenessMs: number
  readonly built: boolean
}>()

const picket = startPicket(config, built)
await picket.ready
const out = picket.child.stdin
if (!out) throw new Error('picket has no standard input')
// It may end before it has read what the pipe still holds.
out.on('error', () => {})
const authz = new AuthzClient(port)
const timed = await timeProbes({ out, authz, ...options })
authz.close()
// A reader of an open pipe would wait for more of it.
out.end()
picket.child.kill('SIGTERM')
await picket.ended
giveResult(timed)
