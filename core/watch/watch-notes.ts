import type { Finding, Lane } from '../detector/finding.ts'
import { findingId } from '../detector/finding-id.ts'
import type { Entity } from '../entity/entity.ts'
import type { Condition, WatchRule } from './condition.ts'
import type { Facts } from './facts.ts'

const hourMs = 3_600_000

/** A condition that goes on is told once in so long. */
const periodMs: Readonly<Record<WatchRule, number>> = {
  'telemetry-lag': hourMs,
  'falling-behind': hourMs,
  'silent-source': hourMs * 6,
  'late-share': hourMs,
  'refused-share': hourMs,
  'idle-detector': hourMs * 24,
  'stale-baseline': hourMs * 24,
}

/** For how long a finding of this detector says that its condition was told, milliseconds; `undefined` for one of traffic. */
export function notePeriodMs(detector: string): number | undefined {
  return (periodMs as Readonly<Record<string, number>>)[detector]
}

export interface NoteFrame {
  readonly space: string
  readonly lane: Lane
  readonly manifest: string
}

/**
 * Operational findings of severity `info`, about Picket itself: one for each condition and period, however long it
 * stands and however often it is looked at. Their period is the clock's; their `first` and `last` are event time, as those
 * of every finding, because what is open after a restart goes by the newest.
 */
export class WatchNotes {
  readonly #frame: NoteFrame
  /** The newest of each rule and entity. */
  readonly #told = new Map<string, string>()

  constructor(frame: NoteFrame) {
    this.#frame = frame
  }

  /** Findings that are open from before a restart: what they told is not told again. */
  restore(findings: readonly Finding[]): void {
    for (const { id, detector, entity } of findings) {
      if (detector in periodMs) this.#told.set(`${detector} ${entity.id}`, id)
    }
  }

  /** The findings of conditions that were not told in this period; none before event time is known. */
  add({ at, watermark }: Pick<Facts, 'at' | 'watermark'>, conditions: readonly Condition[]): Finding[] {
    if (!Number.isFinite(watermark)) return []
    return conditions.flatMap((condition) => this.#note(at, watermark, condition) ?? [])
  }

  #note(at: number, watermark: number, { rule, what, since, evidence }: Condition): Finding | undefined {
    const entity: Entity = { kind: 'service', id: `picket/${what}` }
    const period = Math.floor(at / periodMs[rule]) * periodMs[rule]
    const identity = { space: this.#frame.space, detector: rule, version: 1, entity, period }
    const id = findingId(identity)
    const key = `${rule} ${entity.id}`
    if (this.#told.get(key) === id) return undefined
    this.#told.set(key, id)
    return {
      ...this.#frame,
      ...identity,
      id,
      state: 'final',
      severity: 'info',
      score: 1,
      first: watermark,
      last: watermark,
      evidence: { since: new Date(since).toISOString(), seen: new Date(at).toISOString(), ...evidence },
      root: id,
    }
  }
}
