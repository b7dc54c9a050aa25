import type { Finding, Lane } from '../detector/finding.ts'
import type { Entity } from '../entity/entity.ts'
import type { PlaybookMode } from './playbook.ts'

/** Which rule stopped a step, in the order in which they are asked; a closed list. */
export const refusalRules = [
  'kill_switch',
  'protected',
  'not_actionable',
  'unproven_target',
  'scope',
  'exempt',
  'budget',
  'mode',
  'approval',
] as const
export type RefusalRule = (typeof refusalRules)[number]

export type StepStatus = 'pending' | 'skipped' | 'dry_run' | 'refused' | 'applied' | 'failed' | 'unknown'

/** Where one step of a run stands; the newest journal entry decides. */
export interface StepState {
  readonly step: string
  readonly action: string
  readonly status: StepStatus
  readonly target?: Entity
  /** The rule that refused it, with the numbers, or why it failed or was skipped. */
  readonly rule?: RefusalRule
  readonly detail?: string
  readonly decision?: string
  readonly until?: number
  readonly at: number
}

/**
 * Whether the step's enforcement was in force and ended before its time, by a person, a kill switch or protection. It is
 * kept as a refusal, because by the same rule the step must not come again; it differs from one that was refused from the
 * start, or whose renewal was, by a decision that ended when the step changed.
 */
export function isTakenBack({ status, decision, until, at }: StepState): boolean {
  return status === 'refused' && decision !== undefined && until === at
}

/** One execution of a playbook for an incident: findings that continue the root join it. */
export interface Run {
  /** Hash of space, lane, playbook and the finding's root. */
  readonly id: string
  readonly space: string
  readonly lane: Lane
  readonly playbook: string
  readonly digest: string
  readonly mode: PlaybookMode
  /** The newest finding of the chain. */
  readonly finding: Finding
  readonly state: 'pending' | 'done'
  readonly steps: readonly StepState[]
  readonly started: number
}
