import type { Clock } from '../../../core/ports/clock.ts'
import type { Source } from '../../../core/ports/source.ts'
import type { Facts } from '../../../core/watch/facts.ts'
import type { ExtAuthz } from '../../../enforcement/envoy/ext-authz-server.ts'
import type { Found } from '../../pipeline/commits.ts'
import type { LaneOf } from '../../pipeline/intake.ts'
import type { PartitionLane } from '../../pipeline/partition-lane.ts'
import type { WaitingStore } from '../waiting-store.ts'
import { collect, type RunParts } from './collect.ts'
import { exposition } from './exposition.ts'
import type { SourceBacklog } from './partition-samples.ts'
import { RunCounts } from './run-counts.ts'
import { healthProblems, readinessProblems, type Verdict, type Vitals } from './run-health.ts'
import { type SourceSums, sourceSums } from './source-sums.ts'
import type { StatusAnswers } from './status-server.ts'

export interface RunStatusOptions {
  readonly clock: Clock
  /** Names of the sources, each once. */
  readonly sources: readonly string[]
}

/** What is known of a running `picket run`. The work only tells it what it does anyway; who asks pays for the answer. */
export class RunStatus implements StatusAnswers {
  readonly counts = new RunCounts()
  readonly #clock: Clock
  readonly #opening: Set<string>
  readonly #lanes = new Set<PartitionLane>()
  #transports: readonly Pick<Source, 'id' | 'backlog'>[] = []
  #parts: RunParts | undefined
  #store: Pick<WaitingStore, 'lacksRoom'> | undefined
  #authz: Pick<ExtAuthz, 'counts'> | undefined
  #gatewaysUp: boolean | undefined
  #since: number | undefined
  #turnAt = Number.NEGATIVE_INFINITY
  #checkpointAt = Number.NEGATIVE_INFINITY
  #capturedAt: number[] = []
  #isStopping = false

  constructor({ clock, sources }: RunStatusOptions) {
    this.#clock = clock
    this.#opening = new Set(sources)
  }

  /** Epoch milliseconds by the clock. */
  get now(): number {
    return this.#clock.now()
  }

  /** State is restored: from now on checkpoints are due. */
  running(parts: RunParts, store: Pick<WaitingStore, 'lacksRoom'>): void {
    this.#parts = parts
    this.#store = store
    this.#since = this.now
  }

  /** Remembers the lanes that a source opens. */
  seeing(laneOf: LaneOf): LaneOf {
    return (partition) => {
      const lane = laneOf(partition)
      this.#lanes.add(lane)
      return lane
    }
  }

  /** Sources that may tell what waits in front of them. */
  reading(sources: readonly Pick<Source, 'id' | 'backlog'>[]): void {
    this.#transports = sources
  }

  opened(source: string): void {
    this.#opening.delete(source)
  }

  answering(authz: Pick<ExtAuthz, 'counts'> | undefined): void {
    this.#authz = authz
  }

  gateways(isUp: boolean): void {
    this.#gatewaysUp = isUp
  }

  /** A checkpoint was cut; `committed` follows for each. */
  captured(): void {
    this.#capturedAt.push(performance.now())
  }

  committed(): void {
    const at = this.#capturedAt.shift()
    if (at !== undefined) this.counts.checkpoints.add((performance.now() - at) / 1000)
    this.#checkpointAt = this.now
  }

  found({ findings }: Found): void {
    this.counts.committed(findings)
  }

  /** The loop that comes by every second did. */
  turned(): void {
    this.#turnAt = this.now
  }

  stopping(): void {
    this.#isStopping = true
  }

  health(): Verdict {
    return healthProblems(this.#vitals(), this.now)
  }

  readiness(): Verdict {
    return readinessProblems(this.#vitals(), this.now)
  }

  metrics(): string {
    const checkpointAt = Number.isFinite(this.#checkpointAt) ? this.#checkpointAt : undefined
    const { counts } = this
    const now = this.now
    const told = { sources: this.#sources(), backlogs: this.#backlogs() }
    return exposition(collect({ ...told, parts: this.#parts, counts, authz: this.#authz, checkpointAt, now }))
  }

  /** A reading for whoever watches the flow of events. */
  facts(): Facts {
    const { engine, watermarks } = this.#parts ?? {}
    return {
      at: this.now,
      watermark: engine?.watermark ?? Number.NEGATIVE_INFINITY,
      isReading: (watermarks?.active.length ?? 0) > 0,
      sources: this.#sources(),
      ...(this.#isWaitingKnown() ? { waiting: this.#waiting() } : {}),
    }
  }

  /** Entities held now by detector id. */
  entityCounts(): (readonly [detector: string, entities: number])[] {
    const { engine, team } = this.#parts ?? {}
    return [...(engine?.entityCounts() ?? []), ...(team?.entityCounts ?? [])]
  }

  #isWaitingKnown(): boolean {
    return this.#transports.length > 0 && this.#transports.every(({ backlog }) => backlog !== undefined)
  }

  #waiting(): number {
    const counts = this.#backlogs().flatMap(({ backlog }) => backlog.map(({ records }) => records))
    return counts.reduce((sum, records) => sum + records, 0)
  }

  /** Of the sources that know. */
  #backlogs(): SourceBacklog[] {
    return this.#transports.flatMap((source) => {
      const backlog = source.backlog?.()
      return backlog ? [{ source: source.id, backlog }] : []
    })
  }

  #sources(): SourceSums[] {
    return sourceSums(this.#lanes, this.#parts?.watermarks.partitions ?? [])
  }

  #vitals(): Vitals {
    const since = this.#since
    return {
      ...(since === undefined
        ? {}
        : { running: { since, checkpointAt: this.#checkpointAt, turnAt: this.#turnAt } }),
      opening: [...this.#opening],
      lacksRoom: this.#store?.lacksRoom ?? false,
      ...(this.#gatewaysUp === undefined ? {} : { gatewaysUp: this.#gatewaysUp }),
      isStopping: this.#isStopping,
    }
  }
}
