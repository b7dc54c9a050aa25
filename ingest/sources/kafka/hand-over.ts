import type { SourceBatch } from '../../../core/ports/source.ts'

type Records = Extract<SourceBatch, { readonly kind: 'records' }>
type News = Exclude<SourceBatch, Records>

interface Waiting {
  readonly batch: SourceBatch
  readonly settle: (isTaken: boolean) => void
}

/** Records offered to the reader. */
export interface Offer {
  /** True once the reader has them, false when they were withdrawn or nobody reads any more. */
  readonly taken: Promise<boolean>
  withdraw(): void
}

/**
 * Where the consumer's callbacks meet the reader's loop, in one order. News wait in line; who offers records waits
 * until they are taken, and that is the back-pressure.
 */
export class HandOver {
  #line: Waiting[] = []
  #ending: { readonly error?: unknown } | undefined
  #wake: (() => void) | undefined

  /** Whether records wait to be taken. */
  get isWaiting(): boolean {
    return this.#line.some(({ batch }) => batch.kind === 'records' && batch.records.length > 0)
  }

  tell(news: News): void {
    this.#add({ batch: news, settle: () => {} })
  }

  offer(batch: Records): Offer {
    const { promise: taken, resolve: settle } = withResolver<boolean>()
    const waiting = { batch, settle }
    this.#add(waiting)
    const withdraw = () => {
      this.#line = this.#line.filter((other) => other !== waiting)
      settle(false)
    }
    return { taken, withdraw }
  }

  /** Nothing more comes: what waits is still given out, then the reader's loop ends. */
  finish(): void {
    this.#ending ??= {}
    this.#wake?.()
  }

  /** As `finish`, and the reader's loop throws. */
  fail(error: unknown): void {
    this.#ending ??= { error }
    this.#wake?.()
  }

  /** Nobody reads any more: what waits is not taken. */
  abandon(): void {
    this.finish()
    for (const { settle } of this.#line.splice(0)) settle(false)
  }

  async *batches(): AsyncGenerator<SourceBatch> {
    for (;;) {
      const waiting = this.#line.shift()
      if (waiting) {
        waiting.settle(true)
        yield waiting.batch
      } else if (this.#ending) {
        if (this.#ending.error !== undefined) throw this.#ending.error
        return
      } else {
        const { promise, resolve } = withResolver<void>()
        this.#wake = resolve
        await promise
      }
    }
  }

  #add(waiting: Waiting): void {
    if (this.#ending) {
      waiting.settle(false)
      return
    }
    this.#line.push(waiting)
    this.#wake?.()
  }
}

/**
 * Waits for the reader with heartbeats, because without them the group takes the partition away meanwhile. When
 * a heartbeat fails the offer is withdrawn, and the failure thrown.
 */
export async function takenWhileAlive(
  offer: Offer,
  heartbeat: () => Promise<void>,
  heartbeatMs: number,
): Promise<boolean> {
  let lost: unknown
  const timer = setInterval(() => {
    heartbeat().catch((error: unknown) => {
      lost = error
      offer.withdraw()
    })
  }, heartbeatMs)
  const isTaken = await offer.taken
  clearInterval(timer)
  if (!isTaken && lost) throw lost
  return isTaken
}

function withResolver<Value>() {
  let resolve: (value: Value) => void = () => {}
  const promise = new Promise<Value>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
