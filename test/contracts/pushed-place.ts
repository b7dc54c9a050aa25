import { type Positions, partitionKey } from '../../core/event/position.ts'
import type { Source, SourceBatch } from '../../core/ports/source.ts'
import type { SourcePlace } from './source-contract.ts'

/** A source that is sent to, and its sender. */
export interface Pushed {
  readonly source: Source
  readonly partition: string
  /** Sends lines of the place, from one index to before another; resolves when the source says that it has them. */
  send(from: number, to: number): Promise<void>
}

/** Lines in one sending. */
const sentAtOnce = 60

/**
 * A sender as a place to read from: it begins with the line that no commit holds, as one with an outbox does, and each
 * batch is committed when the next is asked for. When all lines are read it ends, unless the source is to stay live.
 */
export function pushedPlace(lines: readonly string[], open: () => Pushed): SourcePlace {
  return {
    open({ isLive }) {
      const { id } = open().source
      return { id, read: (from, signal) => readPushed(open(), lines.length, { from, signal, isLive }) }
    },
  }
}

async function* readPushed(
  { source, partition, send }: Pushed,
  count: number,
  {
    from,
    signal,
    isLive,
  }: { readonly from: Positions; readonly signal: AbortSignal; readonly isLive: boolean },
): AsyncGenerator<SourceBatch> {
  const key = partitionKey(source.id, partition)
  const done = new AbortController()
  let committed = from.get(key) ?? 0
  let sending: Promise<void> = Promise.resolve()
  async function sendAll(): Promise<void> {
    for (let at = committed; at < count; at += sentAtOnce) await send(at, Math.min(count, at + sentAtOnce))
  }
  try {
    for await (const batch of source.read(from, AbortSignal.any([signal, done.signal]))) {
      if (batch.kind === 'opened') {
        sending = sendAll()
        sending.catch(() => {})
      }
      yield batch
      if (batch.kind === 'records') {
        batch.decoded?.({ accepted: batch.records.length, refused: 0 })
        committed = batch.next
        await source.committed?.(new Map([[key, committed]]))
      }
      if (!isLive && committed >= count) done.abort()
    }
    if (signal.aborted) return
    await sending
    yield { kind: 'ended', partition }
  } finally {
    await source.close?.()
  }
}
