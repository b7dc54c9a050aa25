import type { EntityKind } from '../entity/entity.ts'
import type { EntityPack } from '../ports/state-store.ts'

/** Which part of an entity a record holds: one of its panes, or one slice of its long memory. */
export type Part = EntityPack['part']
const letters = { pane: 'p', slice: 's' } as const
const partPattern = /^([ps])(-?\d{1,16}) (.*)$/s

/**
 * Names the part of an entity: the part with its index, then the `entityKey`, such as `p5821 ip:192.0.2.1`. So parts of one
 * time are neighbours in a store that sorts, where most changes are about the last minutes.
 */
export function partKey(entityKey: string, part: Part, index: number): string {
  return `${letters[part]}${index} ${entityKey}`
}

/** What the names of many parts begin with: those of one time and kind. */
export class PartPrefixes {
  readonly #part: Part
  readonly #newest = new Map<EntityKind, { readonly index: number; readonly text: string }>()

  constructor(part: Part) {
    this.#part = part
  }

  /** `partKey` without the entity's id. */
  of(index: number, kind: EntityKind): string {
    const known = this.#newest.get(kind)
    if (known?.index === index) return known.text
    const text = partKey(`${kind}:`, this.#part, index)
    this.#newest.set(kind, { index, text })
    return text
  }
}

export interface NamedPart {
  /** An `entityKey`. */
  readonly entity: string
  readonly part: Part
  readonly index: number
}

/** The `entityKey` and the part that a `partKey` names. Throws `RangeError` for other text. */
export function parsePartKey(key: string): NamedPart {
  const match = partPattern.exec(key)
  if (!match)
    throw new RangeError(
      `${key.slice(0, 80)}: stored state of another version of Picket; move the data folder away to start anew`,
    )
  const [, letter, index, entity = ''] = match
  return { entity, part: letter === 'p' ? 'pane' : 'slice', index: Number(index) }
}
