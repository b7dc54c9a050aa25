import type { BaselineSnapshot } from '../../core/baseline/baseline.ts'
import type { Finding, Lane } from '../../core/detector/finding.ts'
import type { Output } from '../../core/engine/engine.ts'
import type { EventField } from '../../core/event/event-fields.ts'
import type { EntityPack } from '../../core/ports/state-store.ts'
import type { DetectionOptions } from '../runtime/detection.ts'
import type { Share } from '../runtime/shares.ts'
import type { FieldParcel } from './compile-fields.ts'

/** What a thread that judges is started with: a `DetectionOptions` in plain data. */
export interface DetectThreadData {
  readonly config: DetectionOptions['config']
  /** By id of a shipped detector. */
  readonly detectors: readonly { readonly id: string; readonly config: unknown }[]
  readonly lane: Lane
  readonly key: Uint8Array
  readonly baseline: { readonly snapshot: BaselineSnapshot; readonly digest: string }
  readonly keeping: DetectionOptions['keeping']
  readonly share: Share
  /** Fields of events in messages, in their order. */
  readonly fields: readonly EventField[]
}

/** Accepted events: of each its time and the fields that the threads read. */
export interface EventsMessage extends FieldParcel {
  readonly kind: 'events'
  readonly events: number
}

/** To a thread, in the order of the pipeline's own work. */
export type ToDetectThread =
  | { readonly kind: 'restore'; readonly pack: EntityPack }
  | { readonly kind: 'restored'; readonly watermark: number; readonly findings: readonly Finding[] }
  | EventsMessage
  | { readonly kind: 'advance'; readonly watermark: number }
  | { readonly kind: 'cut' }

/** What a thread's detectors found since the last cut, and their state that changed. */
export interface Cut {
  readonly output: Output
  readonly packs: readonly EntityPack[]
  /** Entities held, and memory that state holds, bytes, by detector id. */
  readonly entityCounts: ReadonlyMap<string, number>
  readonly stateBytes: ReadonlyMap<string, number>
}

/** What a thread holds once all state is restored. */
export interface Restored {
  /** By detector id. */
  readonly entityCounts: ReadonlyMap<string, number>
  /** Longest pane of its detectors, milliseconds. */
  readonly paneMsMax: number
}

/** From a thread: `cut` answers each `cut`, `findings` tells once that the next one will hold some. */
export type FromDetectThread =
  | ({ readonly kind: 'restored' } & Restored)
  | ({ readonly kind: 'cut' } & Cut)
  | { readonly kind: 'findings' }
