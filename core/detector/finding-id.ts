import { createHash } from 'node:crypto'
import type { Entity } from '../entity/entity.ts'

/** What a finding is identified by: there is at most one for each. */
export interface FindingIdentity {
  readonly space: string
  readonly detector: string
  readonly version: number
  readonly entity: Entity
  /** Start of the period, epoch milliseconds. */
  readonly period: number
}

/** `f-` and 24 hex digits of the SHA-256 of the identity; the same in every lane, run and restart. */
export function findingId({ space, detector, version, entity, period }: FindingIdentity): string {
  const identity = [space, detector, String(version), entity.kind, entity.id, String(period)].join('\u0000')
  return `f-${createHash('sha256').update(identity).digest('hex').slice(0, 24)}`
}
