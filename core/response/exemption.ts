import type { Entity } from '../entity/entity.ts'

/** After a manual undo the machine leaves this entity alone for this detector, for a while. */
export interface Exemption {
  readonly entity: Entity
  /** Absent: for every detector. */
  readonly detector?: string
  /** Epoch milliseconds. */
  readonly until: number
  readonly by: string
  readonly reason: string
}
