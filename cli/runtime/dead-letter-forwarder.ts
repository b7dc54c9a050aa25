import type { DeadLetter } from '../../core/event/refusal.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Changes } from '../../core/ports/state-store.ts'
import { type DeadLetterMessage, deadLetterMessage } from '../../ingest/refusals/dead-letter-message.ts'
import type { Waits } from './waits.ts'

export interface ForwardedLetters {
  /** Stored letters behind a sequence number, oldest first. */
  after(seq: number, limit: number): Promise<readonly { readonly seq: number; readonly letter: DeadLetter }[]>
}

export interface DeadLetterForwarderOptions {
  readonly letters: ForwardedLetters
  /** Resolves when the receiver has them. */
  readonly send: (messages: readonly DeadLetterMessage[]) => Promise<void>
  readonly commit: (changes: Changes) => Promise<void>
  readonly marks: ReadonlyMap<string, string>
  readonly clock: Clock
  readonly waits: Waits
  readonly onNotice: (text: string) => void
}

/** Last letter that the receiver has. */
const sentKey = 'dead-letters-sent'
const batchLetters = 500
const everyMs = 1000
const afterFailureMsMax = 60_000

/**
 * Sends on what was refused, once it is in the state: each letter at least once, for what was sent is marked behind it.
 * It never holds up anything: while the receiver is away letters wait in the state, the newest 10,000 of them.
 */
export class DeadLetterForwarder {
  readonly #options: DeadLetterForwarderOptions
  #sent: number

  constructor(options: DeadLetterForwarderOptions) {
    this.#options = options
    this.#sent = Number(options.marks.get(sentKey) ?? 0)
  }

  /** Sends until the signal aborts, and then once more. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { waits, onNotice } = this.#options
    for (let failures = 0; ; ) {
      const isLast = signal.aborted
      try {
        while (await this.#sendSome());
        failures = 0
      } catch (error) {
        const waitMs = Math.min(everyMs * 2 ** failures, afterFailureMsMax)
        if (failures === 0 || waitMs === afterFailureMsMax) onNotice(`dead letters wait: ${messageOf(error)}`)
        failures++
        if (!isLast) await waits.sleep(waitMs, signal)
        else return
        continue
      }
      if (isLast) return
      await waits.sleep(everyMs, signal)
    }
  }

  /** Returns whether there may be more. */
  async #sendSome(): Promise<boolean> {
    const { letters, send, commit, clock, onNotice } = this.#options
    const waiting = await letters.after(this.#sent, batchLetters)
    const [first, last] = [waiting[0], waiting.at(-1)]
    if (!first || !last) return false
    const missed = first.seq - this.#sent - 1
    if (missed > 0) onNotice(`${missed} dead letters were forgotten before they could be sent`)
    const now = clock.now()
    await send(waiting.map(({ letter }) => deadLetterMessage(letter, now)))
    await commit({ marks: [{ key: sentKey, value: String(last.seq) }] })
    this.#sent = last.seq
    return waiting.length === batchLetters
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
