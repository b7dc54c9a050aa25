import type { Detector } from '../detector/detector.ts'
import type { Finding, Lane } from '../detector/finding.ts'
import { findingId } from '../detector/finding-id.ts'
import type { Entity } from '../entity/entity.ts'

/** One note covers this much event time, so that a long flood is a handful of notes. */
const periodMs = 600_000

/**
 * Tells that a detector's bound binds: the stalest entities were forgotten, so attacks of theirs may be *missed*.
 * An operational finding of severity `info`, about Picket itself.
 */
export class PressureNotes {
  readonly #frame: { readonly space: string; readonly lane: Lane; readonly manifest: string }
  /** The newest note of each detector. */
  readonly #notes = new Map<string, Finding>()

  constructor(frame: { readonly space: string; readonly lane: Lane; readonly manifest: string }) {
    this.#frame = frame
  }

  /** Takes up a note of the time before a restart, the newest last. */
  restore(note: Finding): void {
    if (note.detector === 'state-pressure') this.#notes.set(String(note.evidence.detector), note)
  }

  add(detector: Detector, evicted: number, at: number): Finding {
    const period = Math.floor(at / periodMs) * periodMs
    const entity: Entity = { kind: 'service', id: `picket/${detector.id}` }
    const id = findingId({ space: this.#frame.space, detector: 'state-pressure', version: 1, entity, period })
    const last = this.#notes.get(detector.id)
    const known = last?.id === id ? last : undefined
    const note: Finding = {
      ...this.#frame,
      id,
      detector: 'state-pressure',
      version: 1,
      entity,
      period,
      state: 'final',
      severity: 'info',
      score: 1,
      first: Math.min(known?.first ?? at, at),
      last: Math.max(known?.last ?? at, at),
      evidence: {
        detector: detector.id,
        entities_evicted: evicted + ((known?.evidence.entities_evicted as number | undefined) ?? 0),
        what_to_do:
          "raise the detector's entity bound or add memory; attacks by evicted entities may be missed",
      },
      root: id,
    }
    this.#notes.set(detector.id, note)
    return note
  }
}
