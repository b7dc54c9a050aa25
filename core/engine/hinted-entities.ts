import { grown } from '../aggregates/grown.ts'
import type { EntityKind } from '../entity/entity.ts'
import type { EventField } from '../event/event-fields.ts'
import { fieldNumber } from '../event/event-record.ts'

/** The field that mostly names an entity of a kind. */
const homes: { readonly [Kind in EntityKind]?: EventField } = {
  ip: 'client.ip',
  network: 'client.ip',
  fingerprint: 'client.ja4',
  principal: 'principal.id',
  key: 'key.id',
  token: 'token.jti',
  session: 'session.id',
  client: 'client.id',
  tenant: 'principal.tenant',
  route: 'route',
  provider: 'webhook.provider',
  service: 'service',
}

/** Where the hint for an entity of this kind is, in `EventRecord.hints`; −1 where no field is its home. */
export function homeOf(kind: EntityKind): number {
  const field = homes[kind]
  return field === undefined ? -1 : fieldNumber(field)
}

/**
 * Entities of one kind by the hint that came with their text: what was last found by it. A hint may stand for another text
 * by now, and a number for another entity, so both are checked.
 */
export class HintedEntities {
  readonly #texts: string[] = []
  /** By hint the entity's number, and how often that had been given out. */
  #found = new Int32Array(0)

  get bytes(): number {
    return this.#texts.length * 8 + this.#found.byteLength
  }

  /** Number of the entity that the text named when it last came with this hint; −1 when it did not, or has gone since. */
  find(hint: number, text: string, generations: Uint32Array): number {
    // Compared with `undefined` once, texts are compared by a slow call for good.
    if (hint >= this.#texts.length || this.#texts[hint] !== text) return -1
    const number = this.#found[hint * 2] as number
    return generations[number] === this.#found[hint * 2 + 1] ? number : -1
  }

  set(hint: number, text: string, number: number, generation: number): void {
    while (this.#texts.length < hint) this.#texts.push('')
    this.#texts[hint] = text
    this.#found = grown(this.#found, hint * 2 + 2)
    this.#found[hint * 2] = number
    this.#found[hint * 2 + 1] = generation
  }
}
