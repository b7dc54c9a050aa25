/** A thread that waits for `asked`, asks once about an address, and leaves the status in `answered`. */
import { parentPort, workerData } from 'node:worker_threads'
import { connectAuthz } from './authz-client.ts'

export interface AskingData {
  readonly port: number
  readonly address: string
  /** Two places: [0] becomes 1 when it may ask, [1] the HTTP status. */
  readonly memory: SharedArrayBuffer
}

const { port, address, memory } = workerData as AskingData
const shared = new Int32Array(memory)
const client = connectAuthz(port)
await client.ask({ address: '192.0.2.1' })
parentPort?.postMessage('ready')
Atomics.wait(shared, 0, 0)
Atomics.store(shared, 1, await client.ask({ address }))
Atomics.notify(shared, 1)
client.close()
