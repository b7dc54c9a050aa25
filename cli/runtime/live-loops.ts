import { setMaxListeners } from 'node:events'
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Positions } from '../../core/event/position.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Executor } from '../../core/response/executor.ts'
import { intake } from '../pipeline/intake.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import { acknowledger } from './acknowledger.ts'
import type { laneOpener } from './lanes.ts'
import type { LiveSource } from './live-sources.ts'

/** How often findings are committed, decisions looked after, and gateways let go, milliseconds. */
const everyMs = { checkpoint: 250, reconcile: 1000, release: 1000 }

/** Senders that wait for their commit share it with those that come this much later, milliseconds. */
const sharedCommitMs = 20

export interface Reading {
  readonly pipeline: Pipeline
  readonly open: ReturnType<typeof laneOpener>
  readonly from: Positions
  readonly signal: AbortSignal
  /** Resolves when the state can be written: until then nothing more is taken. */
  room(): Promise<void>
  /** Told of each source that could be opened, maybe more than once. */
  opened(source: string): void
}

/** Reads all sources side by side until they end or the signal aborts. One that fails stops the others. */
export async function readSources(sources: readonly LiveSource[], reading: Reading): Promise<void> {
  // Before any of them is read: one that is slow to open must not find its events late.
  reading.pipeline.expect(sources.map(({ source }) => source.id))
  const failed = new AbortController()
  const signal = AbortSignal.any([reading.signal, failed.signal])
  // Every file that waits for growth listens to it until it wakes.
  setMaxListeners(0, signal)
  const release = releaser(reading.pipeline)
  const store = storer(reading.pipeline, signal)
  reading.pipeline.onFindings(release)
  reading.pipeline.onDurable(acknowledger(sources.map(({ source }) => source)))
  const results = await Promise.allSettled(
    sources.map((source) =>
      read(source, { ...reading, signal }, { release, store }).catch((error: unknown) => {
        failed.abort()
        throw error
      }),
    ),
  )
  for (const result of results) if (result.status === 'rejected') throw result.reason
}

async function read(
  { source, traits }: LiveSource,
  { pipeline, open, from, signal, room, opened }: Reading,
  { release, store }: { readonly release: () => void; readonly store: () => void },
): Promise<void> {
  // Each by itself, or a quiet topic would hold up what another source proves at once.
  const feeds = [{ source, laneOf: open(traits) }]
  for await (const part of intake(feeds, from, signal, { inBatches: true })) {
    await room()
    if (part.news?.kind === 'opened') opened(source.id)
    pipeline.take(part)
    if (part.news?.marks) store()
    // Commits, people at the control socket and the kill switch wait for this thread.
    await setImmediate()
    if (pipeline.isFull) await pipeline.checkpoint()
    if (pipeline.seal()) release()
    if (signal.aborted) return
  }
  pipeline.begun(source.id)
}

/** Commits findings at once, not with the next regular commit; a failure of it is that one's as well. */
function releaser(pipeline: Pipeline): () => void {
  let isReleasing = false
  async function commit(): Promise<void> {
    while (pipeline.hasFindings) await pipeline.checkpoint()
  }
  return () => {
    if (isReleasing) return
    isReleasing = true
    void commit()
      .catch(() => {})
      .finally(() => {
        isReleasing = false
      })
  }
}

/** Commits soon what a sender waits for, and what others gave until then. */
function storer(pipeline: Pipeline, signal: AbortSignal): () => void {
  let isDue = false
  async function commit(): Promise<void> {
    await sleep(sharedCommitMs, undefined, { signal })
    isDue = false
    await pipeline.checkpoint()
  }
  return () => {
    if (isDue) return
    isDue = true
    // When it was aborted the last commit holds it; a failure of it is that one's as well.
    void commit().catch(() => {})
  }
}

export interface LookingAfter {
  readonly pipeline: Pipeline
  readonly executor: Executor
  readonly clock: Clock
  readonly log: Logger
  readonly stop: AbortController
  /** Called about every second, to log what has changed without anybody telling. */
  tell?(): void
}

/** Commits, keeps time and holds decisions against the world until stopped. A failure stops everything. */
export async function lookAfter(parts: LookingAfter): Promise<void> {
  const { pipeline, executor, clock, log, stop, tell } = parts
  let reconciled = clock.now()
  const commit = async () => {
    pipeline.keepTime(clock.now())
    await pipeline.checkpoint()
    for (const { playbook, finding, message } of pipeline.tally.problems.splice(0)) {
      log.error({ playbook, finding }, `playbook ${playbook} failed: ${message}`)
    }
    if (clock.now() - reconciled < everyMs.reconcile) return
    reconciled = clock.now()
    await executor.reconcile()
  }
  await Promise.all([
    repeat(stop, everyMs.checkpoint, commit),
    // By itself, because a commit may wait for hours for room on the disk, and the kill switch must not.
    repeat(stop, everyMs.release, () => {
      executor.release()
      tell?.()
    }),
  ])
}

/** Once more after the signal, so that nothing is left undone. A failure stops everything. */
async function repeat(stop: AbortController, afterMs: number, work: () => unknown): Promise<void> {
  try {
    while (!stop.signal.aborted) {
      await sleep(afterMs, undefined, { signal: stop.signal }).catch(() => {})
      await work()
    }
  } catch (error) {
    stop.abort()
    throw error
  }
}
