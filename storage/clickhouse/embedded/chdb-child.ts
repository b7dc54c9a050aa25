import type { AddressInfo } from 'node:net'
import { type ChdbEngine, ChdbMissing, openChdb } from './chdb-engine.ts'
import type { StartedMessage, StartMessage } from './child-messages.ts'
import { createHttpFront } from './http-front.ts'

/**
 * The process that holds chDB. It is apart because chDB locks its folder, blocks its thread and can abort; it lives as
 * long as the IPC channel to its parent, so that it never outlives it, even after kill -9 of the parent.
 */
process.once('message', (message) => start(message as StartMessage))

// Ctrl-C reaches the whole process group; the parent still has batches to send and ends this process by itself.
process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => undefined)

/** Statements still running get this long; a successor of a killed parent is waiting for the folder's lock. */
const closeTimeoutMs = 3_000

let engine: ChdbEngine | undefined
process.once('disconnect', () => {
  setTimeout(() => process.exit(1), closeTimeoutMs)
  const closed = engine?.close() ?? Promise.resolve()
  closed.then(
    () => process.exit(0),
    () => process.exit(1),
  )
})

function start({ folder, token, port, memoryBytesMax }: StartMessage): void {
  try {
    engine = openChdb(folder, memoryBytesMax)
  } catch (error) {
    fail(error instanceof ChdbMissing ? 'missing' : 'crashed', error)
    return
  }
  const server = createHttpFront(engine, token)
  server.on('error', (error) => fail('port', error))
  server.listen(port, '127.0.0.1', () => {
    answer({ kind: 'listening', port: (server.address() as AddressInfo).port })
  })
}

function fail(problem: 'missing' | 'crashed' | 'port', error: unknown): void {
  answer({ kind: 'failed', problem, message: error instanceof Error ? error.message : String(error) })
}

function answer(message: StartedMessage): void {
  process.send?.(message)
}
