import type { Positions } from '../../../core/event/position.ts'
import type { Source, SourceBatch } from '../../../core/ports/source.ts'
import { Inbox } from '../pushed/inbox.ts'
import { WaitingBytes } from '../pushed/waiting-bytes.ts'
import { accessCheck } from './access.ts'
import { Deliveries } from './deliveries.ts'
import type { Endpoint } from './endpoint.ts'
import { eventsEndpoint } from './events-endpoint.ts'
import { type Listener, startListener } from './listener.ts'
import { RememberedKeys } from './remembered-keys.ts'
import { senderOf } from './sender-of.ts'

export interface HttpSourceOptions {
  readonly id: string
  readonly host: string
  /** 0 lets the system choose. */
  readonly port: number
  /** What senders must know; `undefined` lets everybody in who reaches the address. */
  readonly token: string | undefined
  /** Further tokens that let in, such as one for each sender behind a proxy. */
  readonly moreTokens?: readonly string[]
  /** Default: `/v1/events`. */
  readonly endpoint?: Endpoint
  readonly idleMs?: number
  /** Most bytes of a body, inflated. */
  readonly bodyBytesMax?: number
  /** Most bytes that wait for a commit; senders beyond it are told to try again. */
  readonly waitingBytesMax?: number
  /** How many idempotency keys are remembered. */
  readonly keysMax?: number
  /** Marks of the last commit, which hold the keys remembered then. */
  readonly marks?: ReadonlyMap<string, string>
  /** Who sends a request more slowly than this is cut off, milliseconds. */
  readonly requestMsMax?: number
  /** How long a sender waits for the commit at most, milliseconds. */
  readonly storedMsMax?: number
  /** Whether the state can't be written for want of room. */
  readonly lacksRoom?: () => boolean
  readonly onError?: (error: Error) => void
}

/**
 * Events that are sent to us. A sender is answered when the commit that holds its events is durable, so what it got
 * no answer to it sends again; with an `Idempotency-Key` that is judged once.
 */
export class HttpSource implements Source {
  readonly id: string
  readonly #options: HttpSourceOptions
  readonly #inbox: Inbox
  readonly #deliveries: Deliveries
  readonly #tokens: readonly string[]
  #listener: Listener | undefined

  constructor(options: HttpSourceOptions) {
    const { id, token, moreTokens = [], endpoint = eventsEndpoint } = options
    this.id = id
    this.#tokens = token === undefined ? [] : [token, ...moreTokens]
    this.#options = options
    this.#inbox = new Inbox(id, partitionOf(endpoint))
    this.#deliveries = new Deliveries({
      endpoint,
      inbox: this.#inbox,
      waiting: new WaitingBytes(options.waitingBytesMax ?? 64e6),
      keys: new RememberedKeys(id, options.keysMax ?? 50_000, options.marks ?? new Map()),
      senderOf: senderOf(this.#tokens),
      bodyBytesMax: options.bodyBytesMax ?? 8e6,
      storedMsMax: options.storedMsMax ?? 30_000,
      lacksRoom: options.lacksRoom ?? (() => false),
    })
  }

  /** TCP port, while it listens. */
  get port(): number | undefined {
    return this.#listener?.port
  }

  async *read(from: Positions, signal: AbortSignal): AsyncGenerator<SourceBatch> {
    if (signal.aborted) return
    const { host, port, endpoint = eventsEndpoint, idleMs = 30_000, onError } = this.#options
    const listener = await startListener({
      host,
      port,
      endpoint,
      requestMsMax: this.#options.requestMsMax ?? 60_000,
      check: accessCheck(this.#tokens),
      receive: (request, proceed) => this.#deliveries.receive(request, proceed),
      onError: onError ?? (() => {}),
    })
    this.#listener = listener
    try {
      yield* this.#inbox.batches(from, signal, idleMs)
    } finally {
      listener.stop()
    }
  }

  async committed(positions: Positions): Promise<void> {
    this.#inbox.committed(positions)
  }

  async close(): Promise<void> {
    this.#inbox.close()
    await this.#listener?.close()
    this.#listener = undefined
  }
}

/** `/v1/events` is `events`. */
function partitionOf({ path }: Endpoint): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
