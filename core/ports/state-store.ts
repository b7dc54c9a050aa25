import type { Decision } from '../decision/decision.ts'
import type { Finding } from '../detector/finding.ts'
import type { Positions } from '../event/position.ts'
import type { DeadLetter } from '../event/refusal.ts'
import type { ControlEntry, Snapshot } from '../manifest/control-log.ts'
import type { Exemption } from '../response/exemption.ts'
import type { JournalEntry } from '../response/journal.ts'
import type { Run } from '../response/run.ts'

/** State of a part of one entity in one detector, as the engine encodes it; `undefined` bytes remove it. */
export interface EntityRecord {
  readonly detector: string
  readonly version: number
  /** A part of an entity: its `entityKey`, then which pane or which slice of long memory. */
  readonly entity: string
  readonly bytes: Uint8Array | undefined
}

/**
 * Records of one detector's panes, or of its slices of long memory, in one piece of memory: see `core/engine/entity-pack.ts`. All
 * packs of one detector, version and part are a log: in the order of their numbers the last record of a name counts.
 */
export interface EntityPack {
  readonly detector: string
  readonly version: number
  readonly part: 'pane' | 'slice'
  readonly number: number
  /** Packs of the log with smaller numbers hold nothing that counts once this one is there. */
  readonly oldest: number
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** Small values that must commit with the rest: watermarks, time gates, sealed boundaries. */
export interface Mark {
  readonly key: string
  readonly value: string
}

/** Everything that one transaction writes. Absent parts stay as they are. */
export interface Changes {
  readonly positions?: Positions
  /** One with the number of another takes its place. */
  readonly packs?: readonly EntityPack[]
  readonly marks?: readonly Mark[]
  readonly findings?: readonly Finding[]
  readonly runs?: readonly Run[]
  readonly journal?: readonly JournalEntry[]
  /** Upserts by id. */
  readonly decisions?: readonly Decision[]
  readonly decisionsRemoved?: readonly string[]
  readonly exemptions?: readonly Exemption[]
  readonly deadLetters?: readonly DeadLetter[]
  readonly control?: readonly ControlEntry[]
  /** By digest; one that is there already stays. */
  readonly snapshots?: readonly Snapshot[]
}

/** What a restart begins from. */
export interface Restored {
  readonly positions: Positions
  readonly marks: ReadonlyMap<string, string>
  readonly decisions: readonly Decision[]
  readonly exemptions: readonly Exemption[]
  readonly pendingRuns: readonly Run[]
  /** Intents without a result: their effect may have happened. */
  readonly openIntents: readonly JournalEntry[]
  /** Findings that may still change or be continued. */
  readonly openFindings: readonly Finding[]
}

/**
 * The truth. `commit` is atomic and durable when it resolves: nothing leaves the process before the
 * transaction that holds it has committed.
 */
export interface StateStore {
  /** Fence of this opening; every commit carries it, and a store opened later refuses older terms. */
  readonly term: number
  restore(): Promise<Restored>
  /** What counts of each log, in the order of the numbers. */
  packs(): AsyncIterable<EntityPack>
  commit(changes: Changes): Promise<void>
  findings(filter?: { readonly id?: string; readonly since?: number }): Promise<readonly Finding[]>
  runs(filter?: { readonly finding?: string }): Promise<readonly Run[]>
  journal(run: string): Promise<readonly JournalEntry[]>
  decisions(): Promise<readonly Decision[]>
  close(): Promise<void>
}
