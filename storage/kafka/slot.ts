import { setTimeout as sleep } from 'node:timers/promises'
import type { Consumer } from 'kafkajs'
import type { PartitionBatch, PartitionWork, Place, WorkOptions } from './partition-work.ts'
import { FencedError } from './transactor.ts'

interface SlotOptions {
  readonly sessionMs: number
  open(options: WorkOptions): Promise<PartitionWork>
  onNotice(notice: string): void
}

const againMs = 1000

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
    while (!signal.aborted) {
      const failure = await this.#once()
      if (signal.aborted) return
      const isFenced = failure instanceof FencedError
      this.#options.onNotice(
        `${this.place.id}: ${messageOf(failure)}; it begins anew from what was committed`,
      )
      await this.#pauseFor(isFenced ? this.#options.sessionMs : againMs)
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
        this.#read.add(topic)
        this.#consumer.seek({ topic, partition, offset: String(offset) })
        this.#consumer.resume([{ topic, partitions: [partition] }])
      } else if (offset === undefined && this.#read.delete(topic)) this.#pause([{ topic, partition }])
    }
  }

  #pause(partitions: Place['partitions']): void {
    this.#consumer.pause(partitions.map(({ topic, partition }) => ({ topic, partitions: [partition] })))
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
