import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Positions } from '../../core/event/position.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Executor } from '../../core/response/executor.ts'
import { type IntakePart, intake } from '../pipeline/intake.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import type { laneOpener } from './lanes.ts'
import type { LiveSource } from './live-sources.ts'

/** How often findings are committed and released, and decisions looked after, milliseconds. */
const everyMs = { checkpoint: 250, reconcile: 1000 }

export interface Reading {
  readonly pipeline: Pipeline
  readonly open: ReturnType<typeof laneOpener>
  readonly from: Positions
  readonly signal: AbortSignal
}

/** Reads all sources side by side until they end or the signal aborts. One that fails stops the others. */
export async function readSources(sources: readonly LiveSource[], reading: Reading): Promise<void> {
  // Before any of them is read: one that is slow to open must not find its events late.
  reading.pipeline.expect(sources.map(({ source }) => source.id))
  const failed = new AbortController()
  const signal = AbortSignal.any([reading.signal, failed.signal])
  const results = await Promise.allSettled(
    sources.map((source) =>
      read(source, { ...reading, signal }).catch((error: unknown) => {
        failed.abort()
        throw error
      }),
    ),
  )
  for (const result of results) if (result.status === 'rejected') throw result.reason
}

async function read(
  { source, traits }: LiveSource,
  { pipeline, open, from, signal }: Reading,
): Promise<void> {
  // Each by itself, or a quiet topic would hold up what another source proves at once.
  for await (const part of intake([{ source, laneOf: open(traits) }], from, signal)) {
    for (const slice of slices(part)) {
      pipeline.take(slice)
      // Gateways wait for answers from this thread.
      await setImmediate()
    }
    if (pipeline.isFull) await pipeline.checkpoint()
    if (signal.aborted) return
  }
}

/** Events judged without a look at what else is waiting: some milliseconds of work. */
const eventsPerSlice = 64

function* slices({ items, news }: IntakePart): Generator<IntakePart> {
  for (let start = 0; start + eventsPerSlice < items.length; start += eventsPerSlice) {
    yield { items: items.slice(start, start + eventsPerSlice) }
  }
  const rest = items.length === 0 ? 0 : Math.floor((items.length - 1) / eventsPerSlice) * eventsPerSlice
  yield { items: items.slice(rest), ...(news ? { news } : {}) }
}

/** Commits, keeps time and holds decisions against the world until stopped. A failure stops everything. */
export async function lookAfter(parts: {
  readonly pipeline: Pipeline
  readonly executor: Executor
  readonly clock: Clock
  readonly log: Logger
  readonly stop: AbortController
}): Promise<void> {
  const { pipeline, executor, clock, log, stop } = parts
  let reconciled = clock.now()
  try {
    while (!stop.signal.aborted) {
      await sleep(everyMs.checkpoint, undefined, { signal: stop.signal }).catch(() => {})
      pipeline.keepTime(clock.now())
      await pipeline.checkpoint()
      for (const { playbook, finding, message } of pipeline.tally.problems.splice(0)) {
        log.error({ playbook, finding }, `playbook ${playbook} failed: ${message}`)
      }
      if (clock.now() - reconciled < everyMs.reconcile) continue
      reconciled = clock.now()
      await executor.reconcile()
    }
  } catch (error) {
    stop.abort()
    throw error
  }
}
