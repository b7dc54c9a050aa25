import type { Worker } from 'node:worker_threads'
import type { Finding } from '../../core/detector/finding.ts'
import type { EntityPack } from '../../core/ports/state-store.ts'
import { scriptBeside, startScript } from '../../enforcement/gateway-thread/start-script.ts'
import type {
  Cut,
  DetectThreadData,
  EventsMessage,
  FromDetectThread,
  Restored,
  ToDetectThread,
} from './thread-messages.ts'

interface Waiting<Value> {
  resolve(value: Value): void
  reject(error: Error): void
}

const script = scriptBeside(import.meta.url, 'detect-worker')

/** A thread that judges a share of the detectors. Once it has died every call fails with why. */
export class DetectThread {
  /** The next cut will hold findings. */
  hasFindings = false
  /** Told when `hasFindings` becomes true. */
  onFindings: () => void = () => {}
  readonly #worker: Worker
  readonly #cuts: Waiting<Cut>[] = []
  #restored: Waiting<Restored> | undefined
  #failure: Error | undefined
  #isClosing = false

  constructor(data: DetectThreadData) {
    const { index } = data.share
    this.#worker = startScript(script, {
      name: `detect ${index}`,
      workerData: data,
    })
    this.#worker.on('message', (message: FromDetectThread) => this.#take(message))
    this.#worker.once('error', (error) => this.#fail(error.message))
    this.#worker.once('exit', (code) => this.#fail(`exit code ${code}`))
  }

  restore(pack: EntityPack): void {
    this.#post({ kind: 'restore', pack })
  }

  /** Call it after the last `restore`, also when there was none. */
  restored(watermark: number, findings: readonly Finding[]): Promise<Restored> {
    return new Promise((resolve, reject) => {
      this.#restored = { resolve, reject }
      this.#post({ kind: 'restored', watermark, findings })
    })
  }

  /** `transfer` gives the message's memory away: it must not be read again. */
  observe(message: EventsMessage, transfer: boolean): void {
    this.#post(
      message,
      transfer ? [message.words.buffer as ArrayBuffer, message.numbers.buffer as ArrayBuffer] : [],
    )
  }

  advance(watermark: number): void {
    this.#post({ kind: 'advance', watermark })
  }

  /** What came of everything that was posted before, and of nothing after. */
  cut(): Promise<Cut> {
    this.hasFindings = false
    const cut = new Promise<Cut>((resolve, reject) => {
      this.#cuts.push({ resolve, reject })
      this.#post({ kind: 'cut' })
    })
    // Whoever waits for it learns of a failure; until then it is no unhandled one.
    cut.catch(() => {})
    return cut
  }

  async close(): Promise<void> {
    this.#isClosing = true
    await this.#worker.terminate()
  }

  #take(message: FromDetectThread): void {
    if (message.kind === 'cut') this.#cuts.shift()?.resolve(message)
    else if (message.kind === 'restored') this.#restored?.resolve(message)
    // Findings that a cut under way will bring are told of as well: one cut too many then finds nothing.
    else if (!this.hasFindings) {
      this.hasFindings = true
      this.onFindings()
    }
  }

  #post(message: ToDetectThread, transfer: readonly ArrayBuffer[] = []): void {
    if (this.#failure) this.#rejectAll(this.#failure)
    else this.#worker.postMessage(message, transfer)
  }

  #fail(reason: string): void {
    if (this.#isClosing) return
    this.#failure ??= new Error(
      `the thread that judges detectors died: ${reason}; what is committed is intact, start again`,
    )
    this.#rejectAll(this.#failure)
  }

  #rejectAll(error: Error): void {
    for (const { reject } of this.#cuts.splice(0)) reject(error)
    this.#restored?.reject(error)
  }
}
