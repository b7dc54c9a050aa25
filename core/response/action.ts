import type { z } from 'zod'
import type { Decision } from '../decision/decision.ts'
import type { Finding } from '../detector/finding.ts'
import type { Entity, EntityKind } from '../entity/entity.ts'

/**
 * What a repeat does. `keyed`: the receiver recognises the key, so a repeat changes nothing; `verifiable`:
 * `verify` reads back whether it happened; the other two can't be once in effect, and the journal shows the doubt.
 */
export type EffectClass = 'keyed' | 'verifiable' | 'at_least_once' | 'at_most_once'

/** What came of one attempt. `unknown` is resolved by `verify`, never by trying again blindly. */
export type Outcome =
  | { readonly status: 'applied'; readonly decision?: Decision; readonly receipt?: string }
  | { readonly status: 'retry'; readonly afterMs: number; readonly why: string }
  | { readonly status: 'refused'; readonly reason: string }
  | { readonly status: 'unknown'; readonly why: string }

export type Verification = 'present' | 'absent' | 'unknown'

/** Everything an action may use for one step; nothing else reaches it. */
export interface ActionRequest<With> {
  /** Hash of run, step and target: the idempotency key. */
  readonly key: string
  readonly space: string
  readonly target: Entity | undefined
  readonly with: With
  /** Effective from and, for enforcements, the end: epoch milliseconds. */
  readonly now: number
  readonly until: number | undefined
  readonly finding: Finding
  readonly run: string
  readonly step: string
  readonly playbook: string
  readonly reason: string
}

/**
 * One thing that a playbook can do. Actions hold no state: what they enforce is a decision, what they send is
 * recognised by its key. Factories take what they need (an HTTP client, a secret) and return this value.
 */
export interface Action<With = unknown> {
  readonly id: string
  readonly summary: string
  /** Kinds of entity that it can be aimed at; empty for actions without a target, such as `page`. */
  readonly targets: readonly EntityKind[]
  readonly with: z.ZodType<With>
  readonly effect: EffectClass
  /**
   * True where all that `apply` does is to say a decision: it comes into force with the commit of the result, so intent and
   * result are committed together, and a gateway knows of it one commit sooner.
   */
  readonly decides?: boolean
  /** True for what binds traffic: needs a target, an end, protected-set, scope and budget checks. */
  readonly enforces: boolean
  /** False means that a person must approve every use. */
  readonly reversible: boolean
  /** May a provisional finding start it? What is irreversible accepts only final ones. */
  readonly acceptsProvisional: boolean
  apply(request: ActionRequest<With>, signal: AbortSignal): Promise<Outcome>
  verify(request: ActionRequest<With>, signal: AbortSignal): Promise<Verification>
  /** Takes the effect back; `applied` when it is gone, also when it never was there. */
  undo(request: ActionRequest<With>, signal: AbortSignal): Promise<Outcome>
}

/** Keeps the type of `with` while the registry holds actions of every kind. */
export function defineAction<With>(action: Action<With>): Action<With> {
  return Object.freeze(action)
}
