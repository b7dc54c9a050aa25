// Writes the events of a recording into the pipe of a `picket run`, as many as it takes, and says how many a second that is.
// The same processes as in time-decisions share the machine.
import { AuthzClient } from '../latency/authz-client.ts'
import { PacedLines, wallMs } from '../latency/paced-lines.ts'
import { startPicket } from '../latency/picket-process.ts'
import { sendExpiredToken, untilRefused } from '../latency/probes.ts'
import { giveResult, taskInput } from './task.ts'

const { config, port, path, seconds, built } = taskInput<{
  readonly config: string
  readonly port: number
  readonly path: string
  readonly seconds: number
  readonly built: boolean
}>()
/** The code is compiled, and as many clients are known as in all of the recording. */
const warmUpMs = 10_000

const picket = startPicket(config, built)
await picket.ready
const out = picket.child.stdin
if (!out) throw new Error('picket has no standard input')
out.on('error', () => {})
const authz = new AuthzClient(port)
const lines = new PacedLines(path, out)
let isOver = false
/** Decisions and questions are a part of the load. */
async function probe(): Promise<void> {
  for (let serial = 0; !isOver; serial++)
    await untilRefused(authz, sendExpiredToken(out as NonNullable<typeof out>, serial), performance.now())
}
const probing = probe()
await lines.flood(wallMs() + warmUpMs)
const [sentBefore, startedAt] = [lines.sent, wallMs()]
await lines.flood(startedAt + seconds * 1000)
const rate = ((lines.sent - sentBefore) * 1000) / (wallMs() - startedAt)
isOver = true
await probing
authz.close()
out.end()
picket.child.kill('SIGTERM')
await picket.ended
giveResult({ rate })
