import type { Entity } from '../entity/entity.ts'

/** Live traffic of the last hour behind an address, network or fingerprint. */
export interface Shape {
  /** Distinct principals that were proven there (authenticated events only). */
  readonly principals: number
  /** Requests seen from it. */
  readonly requests: number
  /** Requests seen from everywhere, in the same hour. */
  readonly requestsAll: number
}

/** How many others an enforcement would hit. Answered from the engine's own aggregate, without a query. */
export interface TrafficShape {
  /** `undefined` when it is not known, which refuses enforcement. */
  behind(entity: Entity): Shape | undefined
  /** Distinct clients of the last hour; `undefined` when it is not known. */
  activeClients(): number | undefined
}
