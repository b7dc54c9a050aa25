import type { Severity } from '../../core/detector/finding.ts'
import type { Client } from './client.ts'

export const reasons = ['two_places', 'audience', 'before_issue', 'after_expiry', 'after_logout'] as const
export type Reason = (typeof reasons)[number]

/** One thing that is wrong with a token's use. */
export interface Claim {
  readonly reason: Reason
  /** 0 to 1: how sure. From 0.8 on the shipped playbook's revocation is meant; below, a person should look first. */
  readonly score: number
  readonly severity: Severity
  /** The two that took turns, the one with more uses first, and how often. */
  readonly pair?: readonly [Client, Client]
  readonly alternations?: number
  readonly basis?: string
}
