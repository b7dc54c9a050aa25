import type { BaselineSnapshot } from '../../../core/baseline/baseline.ts'
import type { Detector } from '../../../core/detector/detector.ts'
import type { Finding } from '../../../core/detector/finding.ts'
import type { Event } from '../../../core/event/event.ts'
import type { Condition, WatchRule } from '../../../core/watch/condition.ts'
import type { Facts } from '../../../core/watch/facts.ts'
import { FieldSample } from '../../../core/watch/field-sample.ts'
import { FlowWatch } from '../../../core/watch/flow-watch.ts'
import { IdleDetectors, type OfferedFields } from '../../../core/watch/idle-detectors.ts'
import type { LagBounds } from '../../../core/watch/lag-rules.ts'
import { staleBaseline } from '../../../core/watch/stale-baseline.ts'
import { type NoteFrame, WatchNotes } from '../../../core/watch/watch-notes.ts'

export interface SelfWatchOptions {
  readonly frame: NoteFrame
  readonly detectors: readonly Pick<Detector, 'id' | 'vantage' | 'reads'>[]
  readonly baseline: { readonly digest: string; readonly snapshot: Pick<BaselineSnapshot, 'to'> }
  readonly bounds: LagBounds
  /** Findings that are open from before a restart. */
  readonly restored: readonly Finding[]
  /** What events had, where others look at them; otherwise `sample` does. */
  readonly offered?: OfferedFields
  /** What to do, where it is something else than in one process. */
  readonly advice?: Partial<Record<WatchRule, string>>
}

/** What is read of a run; `RunStatus` is one. */
export interface WatchedParts {
  /** Epoch milliseconds by the clock. */
  readonly now: number
  facts(): Facts
  /** Entities held now by detector id. */
  entityCounts(): Iterable<readonly [detector: string, entities: number]>
}

/** Finer than any bound, and rare enough that it costs nothing, milliseconds. */
const everyMs = 10_000

/** The engine watches itself: readings of a run become operational findings. */
export class SelfWatch {
  readonly #bounds: LagBounds
  #flow: FlowWatch | undefined
  readonly #sample: FieldSample
  readonly #idle: IdleDetectors
  readonly #notes: WatchNotes
  readonly #baseline: SelfWatchOptions['baseline']
  readonly #advice: Partial<Record<WatchRule, string>>
  #lookedAt: number | undefined

  constructor({ frame, detectors, baseline, bounds, restored, offered, advice = {} }: SelfWatchOptions) {
    this.#bounds = bounds
    this.#sample = new FieldSample(new Set(detectors.flatMap(({ reads }) => reads)))
    this.#idle = new IdleDetectors(detectors, offered ?? this.#sample)
    this.#notes = new WatchNotes(frame)
    this.#notes.restore(restored)
    this.#baseline = baseline
    this.#advice = advice
  }

  /** Accepted events, in the order in which they are judged. */
  sample(items: readonly { readonly event: Event }[]): void {
    this.#sample.add(items)
  }

  /** Call it about every second; it takes a reading when one is due. Returns findings to commit, each once. */
  look(run: WatchedParts): readonly Finding[] {
    const { now } = run
    this.#flow ??= new FlowWatch(this.#bounds, now)
    this.#lookedAt ??= now
    if (!this.#idle.allWorked) this.#idle.held(now, run.entityCounts())
    if (now - this.#lookedAt < everyMs) return []
    this.#lookedAt = now
    const facts = run.facts()
    const { digest, snapshot } = this.#baseline
    const stale = staleBaseline(now, { digest, to: snapshot.to })
    const conditions = [...this.#flow.look(facts), ...this.#idle.conditions(), ...(stale ? [stale] : [])]
    return this.#notes.add(
      facts,
      conditions.map((condition) => this.#advised(condition)),
    )
  }

  #advised(condition: Condition): Condition {
    const what_to_do = this.#advice[condition.rule]
    return what_to_do === undefined
      ? condition
      : { ...condition, evidence: { ...condition.evidence, what_to_do } }
  }
}
