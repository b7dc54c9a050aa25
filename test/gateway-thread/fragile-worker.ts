/** As cli/runtime/gateway-worker.ts, but certain paths find a weakness in it. */
import { parentPort, workerData } from 'node:worker_threads'
import { answerGateways } from '../../enforcement/gateway-thread/answer-gateways.ts'
import type { ThreadData } from '../../enforcement/gateway-thread/thread-messages.ts'

function routeOf(_method: string, path: string): string {
  if (path.startsWith('/error')) throw new Error(`can't read ${path}`)
  if (path.startsWith('/crash')) {
    setImmediate(() => {
      throw new TypeError(`can't survive ${path}`)
    })
  }
  return path
}

if (!parentPort) throw new Error('only runs as a thread')
const { settings, ...listen } = workerData as ThreadData<string>
if (settings === 'no start') throw new Error('the settings are wrong')
await answerGateways(parentPort, { ...listen, identity: { routeOf }, clock: { now: () => Date.now() } })
