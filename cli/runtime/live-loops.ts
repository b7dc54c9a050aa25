import { setMaxListeners } from 'node:events'
import type { Logger } from 'pino'
import type { Positions } from '../../core/event/position.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Executor } from '../../core/response/executor.ts'
import { intake } from '../pipeline/intake.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import { acknowledger } from './acknowledger.ts'
import type { laneOpener } from './lanes.ts'
import type { LiveSource } from './live-sources.ts'
import { realWaits, type Waits } from './waits.ts'

/** How often findings are committed, decisions looked after, and gateways let go, milliseconds. */
const everyMs = { checkpoint: 250, reconcile: 1000, release: 1000 }

/** How long the last commit is waited for when a source has failed, milliseconds: the disk may be full. */
const lastCommitMsMax = 10_000

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
  /** The machine's timers when absent. */
  readonly waits?: Waits
}

/**
 * Reads all sources side by side until they end or the signal aborts. One that fails stops the others; what they gave is
 * committed before this rejects.
 */
export async function readSources(sources: readonly LiveSource[], reading: Reading): Promise<void> {
  // Before any of them is read: one that is slow to open must not find its events late.
  reading.pipeline.expect(sources.map(({ source }) => source.id))
  const failed = new AbortController()
  const signal = AbortSignal.any([reading.signal, failed.signal])
  // Every file that waits for growth listens to it until it wakes.
  setMaxListeners(0, signal)
  const { pipeline, waits = realWaits } = reading
  const commits = {
    prove: releaser(
      () => pipeline.hasProven,
      () => pipeline.commitProven(),
    ),
    release: releaser(
      () => pipeline.hasJudged,
      () => pipeline.checkpoint(),
    ),
    store: storer(pipeline, waits, signal),
    keep: releaser(
      () => pipeline.isWorthACommit,
      () => pipeline.checkpoint(),
    ),
  }
  pipeline.onFindings(commits.release)
  pipeline.onDurable(acknowledger(sources.map(({ source }) => source)))
  const results = await Promise.allSettled(
    sources.map((source) =>
      read(source, { ...reading, signal, waits }, commits).catch((error: unknown) => {
        failed.abort()
        throw error
      }),
    ),
  )
  const failure = results.find((result) => result.status === 'rejected')
  if (!failure) return
  await commitLast(pipeline, waits)
  throw failure.reason
}

/** Senders wait for it, and what is durable by then they need not send again. */
async function commitLast(pipeline: Pipeline, waits: Waits): Promise<void> {
  const over = new AbortController()
  // A failure of it is that of the regular commit as well.
  const committed = pipeline.checkpoint().catch(() => {})
  await Promise.race([committed, waits.sleep(lastCommitMsMax, over.signal)])
  over.abort()
}

async function read(
  { source, traits }: LiveSource,
  { pipeline, open, from, signal, room, opened, waits }: Reading & { readonly waits: Waits },
  { prove, release, store, keep }: Readonly<Record<'prove' | 'release' | 'store' | 'keep', () => void>>,
): Promise<void> {
  // Each by itself, or a quiet topic would hold up what another source proves at once.
  const feeds = [{ source, laneOf: open(traits) }]
  for await (const part of intake(feeds, from, signal, { inBatches: true })) {
    await room()
    if (part.news?.kind === 'opened') opened(source.id)
    pipeline.take(part)
    prove()
    keep()
    if (part.news?.marks) store()
    // Commits, people at the control socket and the kill switch wait for this thread.
    await waits.turn()
    if (pipeline.isFull) await pipeline.checkpoint()
    // It goes on while more is read; a failure of it is that of the regular commit as well.
    pipeline.sealed().then(release, () => {})
    if (signal.aborted) return
  }
  pipeline.begun(source.id)
}

/** Commits at once when there is something, not with the next regular commit; a failure of it is that one's as well. */
function releaser(hasSome: () => boolean, commit: () => Promise<void>): () => void {
  let isReleasing = false
  async function commitAll(): Promise<void> {
    while (hasSome()) await commit()
  }
  return () => {
    if (isReleasing || !hasSome()) return
    isReleasing = true
    void commitAll()
      .catch(() => {})
      .finally(() => {
        isReleasing = false
      })
  }
}

/** Commits soon what a sender waits for, and what others gave until then. */
function storer(pipeline: Pipeline, waits: Waits, signal: AbortSignal): () => void {
  let isDue = false
  async function commit(): Promise<void> {
    await waits.sleep(sharedCommitMs, signal)
    // The last commit of the reading holds it.
    if (signal.aborted) return
    isDue = false
    await pipeline.checkpoint()
  }
  return () => {
    if (isDue) return
    isDue = true
    // A failure of it is that of the regular commit as well.
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
  /** The machine's timers when absent. */
  readonly waits?: Waits
}

/** Commits, keeps time and holds decisions against the world until stopped. A failure stops everything. */
export async function lookAfter(parts: LookingAfter): Promise<void> {
  const { pipeline, executor, clock, log, stop, tell, waits = realWaits } = parts
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
    repeat(stop, waits, everyMs.checkpoint, commit),
    // By itself, because a commit may wait for hours for room on the disk, and the kill switch must not.
    repeat(stop, waits, everyMs.release, () => {
      executor.release()
      tell?.()
    }),
  ])
}

/** Once more after the signal, so that nothing is left undone. A failure stops everything. */
async function repeat(
  stop: AbortController,
  waits: Waits,
  afterMs: number,
  work: () => unknown,
): Promise<void> {
  try {
    while (!stop.signal.aborted) {
      await waits.sleep(afterMs, stop.signal)
      await work()
    }
  } catch (error) {
    stop.abort()
    throw error
  }
}
