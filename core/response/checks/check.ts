import type { Finding } from '../../detector/finding.ts'
import type { Entity } from '../../entity/entity.ts'
import type { KillSwitch } from '../../ports/kill-switch.ts'
import type { TrafficShape } from '../../ports/traffic-shape.ts'
import type { Action } from '../action.ts'
import type { Exemption } from '../exemption.ts'
import type { Playbook, Step } from '../playbook.ts'
import type { ProtectedSet } from '../protected-set.ts'
import type { RefusalRule } from '../run.ts'
import type { TargetLedger } from '../target-ledger.ts'

/** Why a step must not act: the rule, and a sentence with the number that was compared. */
export interface Refusal {
  readonly rule: RefusalRule
  readonly detail: string
}

/** How many others may stand behind an address, network or fingerprint that is enforced on. */
export interface ScopeLimits {
  /** Distinct proven principals of the last hour. */
  readonly principalsMax: number
  /** Share (0 to 1) of all requests of the last hour. */
  readonly shareOfRequestsMax: number
}

/** What the checks may know of the world; all of it answers at once. */
export interface CheckWorld {
  readonly killSwitch: KillSwitch
  readonly traffic: TrafficShape
  readonly protectedSet: ProtectedSet
  readonly scope: ScopeLimits
  /** A finding whose last event is older is stored and paged, never enforced; milliseconds. */
  readonly actionableForMs: number
  readonly ledger: TargetLedger
  exemptions(): readonly Exemption[]
}

/** One effect that is about to happen. */
export interface CheckSubject {
  readonly action: Action
  readonly playbook: Playbook
  readonly step: Step
  readonly finding: Finding
  readonly target: Entity | undefined
  /** Epoch milliseconds. */
  readonly now: number
}

/** `undefined` lets the step pass. */
export type Check = (subject: CheckSubject, world: CheckWorld) => Refusal | undefined
