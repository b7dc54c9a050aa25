import type { Readable } from 'node:stream'
import { type Positions, partitionKey } from '../../../core/event/position.ts'
import type { RawRecord, Source, SourceBatch } from '../../../core/ports/source.ts'
import { LineSplitter } from '../lines/line-splitter.ts'

export interface StdinSourceOptions {
  readonly id: string
  readonly input: Readable
  /**
   * What a stored position means for this input. `same`: it is the stream that was read before, given again, and
   * what lies before the position is skipped. `next`: it goes on where that one stopped, as after a restart in a
   * pipe; nothing is skipped, and offsets continue so that no position comes twice.
   */
  readonly resumed?: 'same' | 'next'
  readonly idleMs?: number
}

const partition = 'stdin'
const idle = Symbol('idle')

/** Lines of standard input: one partition, `stdin`. */
export class StdinSource implements Source {
  readonly id: string
  readonly #options: StdinSourceOptions

  constructor(options: StdinSourceOptions) {
    this.id = options.id
    this.#options = options
  }

  async *read(from: Positions, signal: AbortSignal): AsyncGenerator<SourceBatch> {
    const { input, resumed = 'same', idleMs = 30_000 } = this.#options
    const offset = from.get(partitionKey(this.id, partition)) ?? 0
    const splitter = new LineSplitter(offset)
    const batchOf = (records: RawRecord[]): SourceBatch => ({
      kind: 'records',
      partition,
      records,
      next: splitter.next,
    })
    let toSkip = resumed === 'same' ? offset : 0
    yield { kind: 'opened', partition }
    for await (const chunk of chunksOrIdle(input, idleMs, signal)) {
      if (chunk === idle) {
        yield { kind: 'idle', partition }
        continue
      }
      const rest = chunk.subarray(Math.min(toSkip, chunk.length))
      toSkip -= chunk.length - rest.length
      if (rest.length > 0) yield batchOf(splitter.push(rest))
    }
    if (signal.aborted) return
    if (toSkip > 0) {
      throw new Error(
        `standard input ended ${toSkip} bytes before the stored position ${offset}: it isn't the stream that was ` +
          'read before; start without the stored position',
      )
    }
    const last = splitter.end()
    if (last.length > 0) yield batchOf(last)
    yield { kind: 'ended', partition }
  }
}

/** The stream's chunks, and `idle` once whenever it was quiet for that long. Ends at once on abort. */
async function* chunksOrIdle(
  input: Readable,
  idleMs: number,
  signal: AbortSignal,
): AsyncGenerator<Buffer | typeof idle> {
  const chunks = input.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer | string>
  while (!signal.aborted) {
    const pending = chunks.next()
    pending.catch(() => {})
    if ((await firstOf(pending, idleMs, signal)) === idle) yield idle
    const chunk = await firstOf(pending, undefined, signal)
    if (chunk === undefined || chunk === idle || chunk.done) return
    yield typeof chunk.value === 'string' ? Buffer.from(chunk.value) : chunk.value
  }
}

/** What comes first: the value, `idle` after the time, or `undefined` on abort. */
function firstOf<Value>(
  pending: Promise<Value>,
  idleMs: number | undefined,
  signal: AbortSignal,
): Promise<Value | typeof idle | undefined> {
  return new Promise((resolve, reject) => {
    const finish = (value?: Value | typeof idle) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', aborted)
      resolve(value)
    }
    const aborted = () => finish()
    const timer = idleMs === undefined ? undefined : setTimeout(finish, idleMs, idle)
    if (signal.aborted) finish()
    else signal.addEventListener('abort', aborted)
    pending.then(finish, (error: unknown) => {
      reject(error)
      finish()
    })
  })
}
