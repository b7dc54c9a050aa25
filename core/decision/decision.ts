import type { EntityKind } from '../entity/entity.ts'

export const decisionTypes = ['throttle', 'deny', 'revoke'] as const
/** What a gateway does: slow the client down (429), refuse it (403), or refuse its token (401). */
export type DecisionType = (typeof decisionTypes)[number]

/** At most `count` requests in each `perMs`; a token bucket that starts full. */
export interface Rate {
  readonly count: number
  readonly perMs: number
}

/** An enforcement in force. */
export interface Decision {
  /** Hash of run, step and target; given by hand: hash of the request. Applying it again changes nothing. */
  readonly id: string
  /** The kind of entity that it binds; `principal` with type `revoke` is a cut-off of older tokens. */
  readonly scope: EntityKind
  /** Canonical id of the entity. */
  readonly value: string
  readonly type: DecisionType
  /** Only with `throttle`. */
  readonly rate?: Rate
  /** Only with `revoke` of a principal: tokens with `iat` at or before this instant are refused. */
  readonly issuedUntil?: number
  /** In force from (epoch milliseconds), until (exclusive). Every enforcement has an end. */
  readonly from: number
  readonly until: number
  /** A sentence for a person; plain text. */
  readonly reason: string
  /** The first of the chain of findings; the reason names a later one that was acted on. */
  readonly finding?: string
  readonly run?: string
  readonly step?: string
  /** `playbook:<id>` or `person:<name>`. */
  readonly by: string
}
