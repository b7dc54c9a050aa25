import type { KeyedHash } from '../hash/keyed-hash.ts'
import type { TimedCellsOptions } from './timed-cells.ts'

export interface EntityTableOptions extends Pick<TimedCellsOptions, 'keeping' | 'packBounds'> {
  readonly hash: KeyedHash
  /** The same, for texts that come once: it need not remember any. */
  readonly hashOnce?: KeyedHash
  /** Entities with sealed state that are kept. */
  readonly entitiesMax: number
  /** The hard bound, open ones included. */
  readonly openMax: number
}
