import type { Finding, FindingState } from '../detector/finding.ts'
import type { Entity } from '../entity/entity.ts'

/** What an expression may read. */
export interface Scope {
  readonly finding: Finding
  /** Outcomes of earlier steps by step id. */
  readonly steps: Readonly<Record<string, { readonly status: string }>>
}

/** A CEL expression, compiled and type-checked at load. Throws `ExpressionError` with its source text. */
export interface Expression<T> {
  readonly source: string
  evaluate(scope: Scope): T
}

export const playbookModes = ['dry_run', 'canary', 'enforce'] as const
/** `dry_run` plans and journals only; `canary` acts for a stable share of entities. */
export type PlaybookMode = (typeof playbookModes)[number]

/** Budgets of one playbook; a refusal names the limit and the number. */
export interface Limits {
  /** Distinct targets enforced on in one hour. */
  readonly targetsPerHour: number
  /** Share of the last hour's clients (0 to 1) that may be under enforcement; never below three targets. */
  readonly shareOfClients: number
}

export interface Step {
  readonly id: string
  /** Id of an action. */
  readonly action: string
  readonly target?: Expression<Entity>
  readonly when?: Expression<boolean>
  /** Checked against the action's schema at load. */
  readonly with: Readonly<Record<string, unknown>>
  /** Length of the enforcement, milliseconds. */
  readonly ttlMs?: number
  readonly approval: 'none' | 'required'
}

/** One YAML file, checked against actions, detectors and evidence types. */
export interface Playbook {
  readonly id: string
  /** Digest of the file: a run is pinned to it. */
  readonly digest: string
  readonly on: Expression<boolean>
  /** The least certain finding that starts it. */
  readonly accepts: FindingState
  readonly mode: PlaybookMode
  /** Share of entities (0 to 1) acted on in `canary`, chosen by the hash of the entity. */
  readonly canaryShare: number
  readonly limits: Limits
  readonly steps: readonly Step[]
}
