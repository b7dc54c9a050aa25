import type { EntityPack } from '../ports/state-store.ts'

/** Panes that one detector collected, encoded one behind the other as in an `EntityPack`. */
export interface PanePack extends Pick<EntityPack, 'detector' | 'version'> {
  /** How many. */
  readonly records: number
  readonly bytes: Uint8Array
}

/** Those of the entities of one partition. */
export interface DealtPack extends PanePack {
  readonly partition: number
}
