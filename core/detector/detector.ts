import type { z } from 'zod'
import type { Cells, Folded, Shape } from '../aggregates/aggregate.ts'
import type { Entity, EntityKind } from '../entity/entity.ts'
import type { EventView } from '../event/event.ts'
import type { EventField } from '../event/event-fields.ts'
import type { Duration } from '../time/duration.ts'
import type { Severity } from './finding.ts'

/** How far a detector looks back, and in which slices. */
export interface WindowShape {
  /** Length of the window; also of the period of a finding. A multiple of `pane`. */
  readonly size: Duration
  readonly pane: Duration
  /** How long `memory` keeps, in slices of which size. */
  readonly memory?: { readonly pane: Duration; readonly retention: Duration }
}

/** The cells that `observe` adds to: those of the pane, and those of long memory that are not folded from the pane. */
export type Emitted<Pane extends Shape, Memory extends Shape> = Cells<Pane> & {
  readonly [Name in keyof Memory as Memory[Name] extends Folded<infer _Cell>
    ? never
    : Name]: Cells<Memory>[Name]
}

/**
 * The cells of an entity in the pane of this event: the entity is chosen by kind and by the text of a field, which
 * the engine makes canonical. `undefined` when the text names no such entity. Dead after the next call.
 *
 * `sameness` spares judging: a detector may give the same text with all events that, taken together, whatever their
 * number, say nothing that `judge` could claim. Once another text, or none, came, the entity is judged. Empty text fits
 * every other.
 */
export type Emit<Pane extends Shape, Memory extends Shape> = (
  kind: EntityKind,
  id: string | undefined,
  sameness?: string,
) => Emitted<Pane, Memory> | undefined

/** A run of sealed panes of one entity, ending with a pane in which it was seen. Dead after the call. */
export interface Window<Pane extends Shape, Memory extends Shape> {
  readonly entity: Entity
  /** Event time `[start, end)`, milliseconds. */
  readonly start: number
  readonly end: number
  /** Time of the first and last event in it. */
  readonly first: number
  readonly last: number
  /** No fewer than the events in the window, and than those in it and in memory together: known without a look at either. */
  readonly eventsMax: number
  readonly eventsEverMax: number
  /** The sum of a cell's size over the panes: without merging them, most entities can be dismissed by it. */
  size(cell: keyof Pane & string): number
  /** The same of a cell of `memory`. */
  memorySize(cell: keyof Memory & string): number
  /** All panes of the window merged. */
  readonly total: Cells<Pane>
  /** The panes in which the entity was seen, oldest first. */
  readonly panes: readonly { readonly start: number; readonly cells: Cells<Pane> }[]
  /** Start of the last pane in which the entity was seen, and of the one before it, if the window holds one. */
  readonly lastPane: number
  readonly paneBefore: number | undefined
  /** Everything up to `end`, as far back as the retention. */
  readonly memory: Cells<Memory>
  /** The slices of memory of what is older than the panes, as they are, oldest first: to look up a key without merging. */
  readonly slices: readonly { readonly start: number; readonly cells: Cells<Memory> }[]
  /**
   * What `work` makes of this window, made when first asked: `measures`, and all instances of a detector that see the
   * same window, share it. `work` must not depend on config; it is told apart by identity.
   */
  once<T>(work: (window: Window<Pane, Memory>) => T): T
}

/** A threshold and where it came from; findings show it with the numbers. */
export interface Threshold {
  readonly value: number
  readonly source: 'entity' | 'group' | 'floor'
  readonly centre?: number
  readonly spread?: number
  readonly samples?: number
}

export interface JudgeContext<Config> {
  readonly config: Config
  /** `max(floor, centre + k × spread)` of a measure's history: the entity's, else its group's, else the floor. */
  threshold(
    measure: string,
    wanted: { readonly floor: number; readonly k: number; readonly group?: string },
  ): Threshold
}

/** A claim about the entity of a window. */
export interface Verdict<Evidence> {
  /** 0 to 1: how sure. */
  readonly score: number
  readonly severity: Severity
  readonly evidence: Evidence
}

/**
 * Everything about one detector; engine, CLI, console, docs and linter read this value. `judge` and `proves` must be
 * functions of their arguments alone, and so must `observe` of the event.
 */
export interface Detector<
  Config = unknown,
  Reads extends EventField = EventField,
  Pane extends Shape = Shape,
  Memory extends Shape = Shape,
  Evidence extends Readonly<Record<string, unknown>> = Readonly<Record<string, unknown>>,
> {
  readonly id: string
  /** Raised when the meaning of config, panes or judgement changes; a new version starts beside the old one. */
  readonly version: number
  readonly summary: string
  readonly threats: readonly string[]
  /** Strict, every field described with its cost, every default with its reason. */
  readonly config: z.ZodType<Config>
  /** Whose view it reads. Events that don't say are read by all; `any` needs a reason in the README. */
  readonly vantage: 'edge' | 'service' | 'any'
  readonly reads: readonly Reads[]
  /** Every kind of entity that its findings can be about: playbooks are checked by it. Any kind when absent. */
  readonly blames?: readonly EntityKind[]
  window(config: Config): WindowShape
  /**
   * What `observe` and `window` read of the config. Instances in which it is equal share what they observe, and are only
   * judged apart. All of the config when absent.
   */
  observes?(config: Config): unknown
  readonly pane: Pane
  readonly memory: Memory
  /**
   * The fewest events of an entity, in window and memory together, that `judge` could claim something of. Most entities
   * have fewer, and are not judged.
   */
  eventsMin?(config: Config): number
  /** Cells of the pane of which `Window.size` is known without a look at each pane; each takes 4 bytes an entity. */
  readonly sums?: readonly (keyof Pane & string)[]
  /** Its part of the processor time of mixed traffic, percent: by this detectors are dealt out to threads. 10 when absent. */
  readonly cost?: number
  observe(event: EventView<Reads>, emit: Emit<Pane, Memory>, config: Config): void
  /** What one pane alone proves for good: no further event can undo it, and `judge` must agree once sealed. */
  proves?(
    pane: Cells<Pane>,
    context: { readonly config: Config; readonly entity: Entity },
  ): Verdict<Evidence> | undefined
  judge(window: Window<Pane, Memory>, context: JudgeContext<Config>): Verdict<Evidence> | undefined
  /** Kinds of entity that `measures` says something of. All when absent. */
  readonly measuredKinds?: readonly EntityKind[]
  /** Numbers of the window ending in a sealed pane that are kept for baselines. */
  measures?(window: Window<Pane, Memory>): Readonly<Record<string, number>> | undefined
  readonly evidence: z.ZodType<Evidence>
}

/** Fills in what is optional and keeps the types of config, panes and evidence. */
export function defineDetector<
  Config,
  const Reads extends EventField,
  Pane extends Shape,
  Evidence extends Readonly<Record<string, unknown>>,
  Memory extends Shape = Record<never, never>,
>(
  detector: Omit<Detector<Config, Reads, Pane, Memory, Evidence>, 'memory'> & { readonly memory?: Memory },
): Detector<Config, Reads, Pane, Memory, Evidence> {
  return Object.freeze({ ...detector, memory: detector.memory ?? ({} as Memory) })
}

/** A detector with the config it runs under. */
export interface ConfiguredDetector {
  readonly detector: Detector
  readonly config: unknown
}
