import type { Worker } from 'node:worker_threads'
import { scriptBeside, startScript } from '../../enforcement/gateway-thread/start-script.ts'
import type { EncodedChanges } from '../../storage/sqlite/encode-changes.ts'
import type { OpenCommits } from '../../storage/sqlite/sqlite-state-store.ts'
import type { StateCommits } from '../../storage/sqlite/state-committer.ts'
import { StateError } from '../../storage/sqlite/state-error.ts'
import type { FromStateThread, StateThreadData, ToStateThread } from './state-messages.ts'

interface Waiting {
  resolve(): void
  reject(error: Error): void
}

const script = scriptBeside(import.meta.url, 'state-worker')

/** Commits in a thread of their own, over a connection of its own. */
export const threadCommits: OpenCommits = ({ name: file }, term) => new StateThread({ file, term })

/** The thread that writes the state. Once it has died every commit fails with why. */
export class StateThread implements StateCommits {
  readonly #worker: Worker
  readonly #ended: Promise<void>
  readonly #commits: Waiting[] = []
  #failure: Error | undefined

  constructor(data: StateThreadData) {
    this.#worker = startScript(script, { name: 'state', workerData: data })
    this.#worker.on('message', (message: FromStateThread) => this.#take(message))
    this.#worker.once('error', (error) => this.#fail(error.message))
    this.#ended = new Promise((resolve) => {
      this.#worker.once('exit', (code) => {
        this.#fail(`exit code ${code}`)
        resolve()
      })
    })
  }

  commit(changes: EncodedChanges): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure) return reject(this.#failure)
      this.#commits.push({ resolve, reject })
      // A copy, for a commit that finds the disk full is made again from the same changes.
      this.#worker.postMessage({ kind: 'commit', changes } satisfies ToStateThread)
    })
  }

  /** At once, as when it dies: what is under way may be written or not. */
  async terminate(): Promise<void> {
    await this.#worker.terminate()
    await this.#ended
  }

  /** After the commits so far. */
  async close(): Promise<void> {
    this.#worker.postMessage({ kind: 'close' } satisfies ToStateThread)
    await this.#ended
  }

  #take(message: FromStateThread): void {
    const waiting = this.#commits.shift()
    if (message.kind === 'committed') waiting?.resolve()
    else waiting?.reject(errorOf(message))
  }

  #fail(reason: string): void {
    const what = `the thread that writes the state died: ${reason}`
    this.#failure ??= new Error(`${what}; what is committed is intact, start again`)
    for (const { reject } of this.#commits.splice(0)) reject(this.#failure)
  }
}

function errorOf({ code, message }: Extract<FromStateThread, { kind: 'failed' }>): Error {
  return code === undefined ? new Error(message) : new StateError(code, message)
}
