import type { BaselineSnapshot } from '../../core/baseline/baseline.ts'
import type { Finding, Lane } from '../../core/detector/finding.ts'
import type { Output } from '../../core/engine/engine.ts'
import type { Event } from '../../core/event/event.ts'
import type { EntityPack } from '../../core/ports/state-store.ts'
import type { FormatId } from '../../ingest/formats/formats.ts'
import type { Completion } from '../pipeline/complete-event.ts'
import type { DetectionOptions, Share } from '../runtime/detection.ts'

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
}

/** How the lines of a lane become events; lanes are numbered as they first come. */
export interface LaneData extends Completion {
  readonly format: FormatId
}

/** Accepted events: lines in one piece of memory, and three numbers for each: its lane, its start, its end. */
export interface EventsMessage {
  readonly kind: 'events'
  readonly bytes: ArrayBuffer
  readonly lines: Int32Array
  /** Lanes that come for the first time. */
  readonly lanes: readonly LaneData[]
  /** Events whose lines are gone: the time gate held them back. */
  readonly held: readonly Event[]
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
