import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { DecodedCounts } from '../../../core/ports/source.ts'
import type { Inbox, Outcome } from '../pushed/inbox.ts'
import type { Sender, WaitingBytes } from '../pushed/waiting-bytes.ts'
import type { Endpoint } from './endpoint.ts'
import { HttpProblem, tryAgain } from './http-problem.ts'
import { idempotencyKey } from './idempotency-key.ts'
import { checkBody, receiveBody } from './receive-body.ts'
import { digestOf, type RememberedKeys } from './remembered-keys.ts'

export interface DeliveryOptions {
  readonly endpoint: Endpoint
  readonly inbox: Inbox
  readonly waiting: WaitingBytes
  readonly keys: RememberedKeys
  /** Whose share of the room a request takes. */
  readonly senderOf: (request: IncomingMessage) => Sender
  /** Most bytes of a body. */
  readonly bodyBytesMax: number
  /** How long a sender waits for the commit at most, milliseconds. */
  readonly storedMsMax: number
  /** Whether the state can't be written for want of room. */
  readonly lacksRoom: () => boolean
}

/** What became of a request whose events are durable. */
export interface Stored extends DecodedCounts {
  /** It was stored before, under the same key. */
  readonly isRepeated: boolean
}

/** Beside its body a request that waits costs about this much; on one connection thousands may wait. */
const requestBytes = 4096

/** A request that has a key, by the digests of both. */
interface Keyed {
  readonly hash: string
  readonly content: string
}

/** What was sent, and whose share of the room it takes. */
interface Received {
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  readonly sender: Sender
}

interface Pending {
  readonly content: string
  readonly stored: Promise<Outcome>
}

/** From a request to events that are durable, each key once. */
export class Deliveries {
  readonly #options: DeliveryOptions
  /** By the digest of their key. */
  readonly #pending = new Map<string, Pending>()

  constructor(options: DeliveryOptions) {
    this.#options = options
  }

  /**
   * Resolves when the events of the request are durable. `proceed` is called before its body is read. Throws
   * `HttpProblem`.
   */
  async receive(request: IncomingMessage, proceed: () => void): Promise<Stored> {
    const { endpoint, inbox, waiting, bodyBytesMax, senderOf } = this.#options
    endpoint.check(request.headers)
    checkBody(request, bodyBytesMax)
    const key = endpoint.isKeyed ? idempotencyKey(request.headers) : undefined
    const hash = key === undefined ? undefined : digestOf(key)
    if (!inbox.isOpen) throw tryAgain.stopping()
    this.#requireRoom(hash)
    const sender = senderOf(request)
    if (waiting.isFullFor(sender)) throw tryAgain.behind()
    proceed()
    const body = await receiveBody(request, { bytesMax: bodyBytesMax, waiting, sender })
    const received: Received = { headers: request.headers, body, sender }
    try {
      // The disk may have filled while the body came.
      this.#requireRoom(hash)
    } catch (error) {
      waiting.release(sender, body.length)
      throw error
    }
    return hash === undefined ? this.#store(received) : this.#storeOnce(received, hash)
  }

  /** Refuses what there is no room for. What was taken before is not refused: that would not be true of it. */
  #requireRoom(hash: string | undefined): void {
    const { keys, lacksRoom } = this.#options
    if (!lacksRoom()) return
    if (hash === undefined) throw tryAgain.noRoom()
    if (this.#pending.has(hash)) throw tryAgain.notDurable({ why: 'full', isKeyed: true })
    if (!keys.get(hash)) throw tryAgain.noRoom()
  }

  async #storeOnce(received: Received, key: string): Promise<Stored> {
    const { body, sender } = received
    const { keys, waiting } = this.#options
    const content = digestOf(body)
    const known = keys.get(key) ?? this.#pending.get(key)
    if (known === undefined) return this.#store(received, { hash: key, content })
    waiting.release(sender, body.length)
    if (known.content !== content) {
      throw new HttpProblem(
        422,
        'this Idempotency-Key came before with other content: give each body its own',
      )
    }
    const counts = 'stored' in known ? await this.#inTime(known.stored, true) : known
    return { accepted: counts.accepted, refused: counts.refused, isRepeated: true }
  }

  async #store(received: Received, key?: Keyed): Promise<Stored> {
    const stored = this.#cutAndOffer(received, key)
    if (key) {
      // Known from here on: the same request may come again while this one is cut or waits.
      this.#pending.set(key.hash, { content: key.content, stored })
      const forget = () => this.#pending.delete(key.hash)
      stored.then(forget, forget)
    }
    return { ...(await this.#inTime(stored, key !== undefined)), isRepeated: false }
  }

  /** Resolves when the records of the body are durable, or nobody waits for that any more. */
  async #cutAndOffer({ headers, body, sender }: Received, key: Keyed | undefined): Promise<Outcome> {
    const { endpoint, inbox, waiting, keys } = this.#options
    let bytes = body.length
    try {
      const records = await endpoint.cut(body, headers)
      if (records.length === 0) return { accepted: 0, refused: 0 }
      // Records that were made of the body stand beside it.
      const made = records.reduce(
        (sum, record) => sum + (record.bytes === body ? 0 : record.end - record.start),
        0,
      )
      bytes += waiting.add(sender, requestBytes + made, records.length)
      const outcome = await new Promise<Outcome>((settle) => {
        inbox.offer({
          records,
          received: Date.now(),
          settle,
          ...(key && { decoded: (told) => keys.marks(key.hash, { ...told, content: key.content }) }),
        })
      })
      if (key && typeof outcome === 'object') keys.add(key.hash, { ...outcome, content: key.content })
      return outcome
    } finally {
      waiting.release(sender, bytes)
    }
  }

  /** The commit may be hours away when the disk is full; senders should not hang for so long. */
  async #inTime(stored: Promise<Outcome>, isKeyed: boolean): Promise<DecodedCounts> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(resolve, this.#options.storedMsMax, 'late')
    })
    const outcome = await Promise.race([stored, late]).finally(() => clearTimeout(timer))
    if (outcome === 'not-read') throw tryAgain.stopping()
    if (outcome === 'unknown') throw tryAgain.notDurable({ why: 'stopping', isKeyed })
    if (outcome === 'late')
      throw tryAgain.notDurable({ why: this.#options.lacksRoom() ? 'full' : 'late', isKeyed })
    return outcome
  }
}
