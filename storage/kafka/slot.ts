import { setTimeout as sleep } from 'node:timers/promises'
import type { Consumer } from 'kafkajs'
import type { PartitionBatch, PartitionWork, Place, PlaceReport, WorkOptions } from './partition-work.ts'
import { FencedError } from './transactor.ts'

interface SlotOptions {
  readonly sessionMs: number
  open(options: WorkOptions): Promise<PartitionWork>
  onNotice(notice: string): void
}

/** Until it is opened again: twice as long each time it fails soon. */
const againMs = { first: 1000, most: 10_000 } as const
const soonMs = 30_000

/**
 * The work on one place while it is ours, opened again when it fails. Who was fenced waits: most likely the group has
 * given the place to another process and we have not heard of it yet, and taking it back would fence that one.
 */
export class Slot {
  readonly place: Place
  readonly #consumer: Consumer
  readonly #options: SlotOptions
  readonly #closed = new AbortController()
  #work: PartitionWork | undefined
  #running: Promise<void> | undefined
  #failed: (error: unknown) => void = () => {}
  #wake: () => void = () => {}
  /** Topics that the consumer reads for the work now. */
  readonly #read = new Set<string>()
  /** Where the topics end, as far as known. */
  readonly #ends = new Map<string, number>()
  #failure: string | undefined

  constructor(place: Place, consumer: Consumer, options: SlotOptions) {
    this.place = place
    this.#consumer = consumer
    this.#options = options
  }

  /** The place is ours, anew or still: the group has forgotten where we read. */
  assigned(): void {
    this.#read.clear()
    this.#pause(this.place.partitions)
    // What failed and waits may begin anew at once.
    this.#wake()
    if (this.#running) this.#follow()
    else this.#running = this.#run()
  }

  /**
   * Returns false for a batch that is not taken, and must come again. `from` is where it was asked for, if anybody knows:
   * what lies between there and where the work is must not be left out.
   */
  async take({ from: asked, ...batch }: PartitionBatch & { readonly from?: number }): Promise<boolean> {
    const work = this.#work
    this.#ends.set(batch.topic, batch.high)
    const from = work?.reading.get(batch.topic)
    if (!work || from === undefined) return false
    try {
      if (asked !== undefined && asked > from)
        throw new Error(`${batch.topic} was read from ${asked} where ${from} comes next`)
      // kafkajs gives messages again that share a compressed batch.
      await work.take({ ...batch, messages: batch.messages.filter(({ offset }) => Number(offset) >= from) })
    } catch (error) {
      this.#failed(error)
      return false
    }
    if (this.#work !== work) return false
    this.#follow()
    return true
  }

  get report(): PlaceReport {
    const { id, partitions } = this.place
    const notReady = this.#work ? this.#work.notReady : (this.#failure ?? 'it is being taken over')
    const lag = partitions.flatMap(({ topic, partition }) => {
      const [from, end] = [this.#work?.reading.get(topic), this.#ends.get(topic)]
      return from === undefined || end === undefined
        ? []
        : [{ topic, partition, messages: Math.max(0, end - from) }]
    })
    return { id, lag, ...(notReady !== undefined && { notReady }) }
  }

  tick(): void {
    this.#work?.tick()
    this.#follow()
  }

  async close(): Promise<void> {
    this.#closed.abort()
    this.#failed(undefined)
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#closed
    let waitMs: number = againMs.first / 2
    while (!signal.aborted) {
      const openedAt = performance.now()
      const failure = await this.#once()
      const isSoon = performance.now() - openedAt < soonMs
      waitMs = isSoon ? Math.min(waitMs * 2, againMs.most) : againMs.first
      if (signal.aborted) return
      const isFenced = failure instanceof FencedError
      this.#failure = `${messageOf(failure)}; it begins anew from what was committed`
      this.#options.onNotice(`${this.place.id}: ${this.#failure}`)
      await this.#pauseFor(isFenced ? this.#options.sessionMs : waitMs)
    }
  }

  async #pauseFor(ms: number): Promise<void> {
    const woken = new AbortController()
    this.#wake = () => woken.abort()
    const signal = AbortSignal.any([this.#closed.signal, woken.signal])
    await sleep(ms, undefined, { signal }).catch(() => {})
  }

  /** From opening to the first failure, which it returns. */
  async #once(): Promise<unknown> {
    const failing = new Promise<unknown>((resolve) => {
      this.#failed = resolve
    })
    let work: PartitionWork | undefined
    try {
      work = await this.#options.open({ place: this.place, fail: (error) => this.#failed(error) })
      if (this.#closed.signal.aborted) return undefined
      this.#work = work
      this.#failure = undefined
      this.#follow()
      return await failing
    } catch (error) {
      return error
    } finally {
      this.#work = undefined
      if (!this.#closed.signal.aborted) this.#pause(this.place.partitions)
      this.#read.clear()
      // What it could not close is of no use to anybody.
      await work
        ?.close()
        .catch((error: unknown) => this.#options.onNotice(`${this.place.id}: ${messageOf(error)}`))
    }
  }

  /** Has the consumer read what the work wants to read. */
  #follow(): void {
    const reading = this.#work?.reading
    if (!reading || this.#closed.signal.aborted) return
    for (const { topic, partition } of this.place.partitions) {
      const offset = reading.get(topic)
      if (offset !== undefined && !this.#read.has(topic)) {
        if (this.#begin(topic, partition, offset)) this.#read.add(topic)
      } else if (offset === undefined && this.#read.delete(topic)) this.#pause([{ topic, partition }])
    }
  }

  /** False while the consumer is about to join its group anew: it is asked again when it has, or with the next look. */
  #begin(topic: string, partition: number, offset: number): boolean {
    try {
      this.#consumer.seek({ topic, partition, offset: String(offset) })
      this.#consumer.resume([{ topic, partitions: [partition] }])
      return true
    } catch {
      return false
    }
  }

  #pause(partitions: Place['partitions']): void {
    try {
      this.#consumer.pause(partitions.map(({ topic, partition }) => ({ topic, partitions: [partition] })))
    } catch {
      // It was stopped meanwhile, to join its group anew: it reads nothing.
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
