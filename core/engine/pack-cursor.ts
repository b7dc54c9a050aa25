import { ByteReader } from '../aggregates/byte-reader.ts'
import type { Entity } from '../entity/entity.ts'
import { parseEntityKey } from '../entity/entity.ts'
import type { EntityPack } from '../ports/state-store.ts'
import { type NamedPart, parsePartKey } from './part-name.ts'

/** First byte of every pack; another one is refused, never misread. */
export const packFormat = 2

const [blank, colon] = [0x20, 0x3a]
/** Some kinds of entities come by turns. */
const prefixesMax = 8

/** Where in a pack the beginning of a name stands, and what it says. */
interface Prefix {
  readonly start: number
  readonly length: number
  readonly says: (Omit<NamedPart, 'entity'> & Pick<Entity, 'kind'>) | undefined
}

/** The part of an entity that a record holds. */
export type PartOfEntity = Omit<NamedPart, 'entity'> & Entity

/** Goes through the records of a pack, and makes of each what is asked for. Throws `RangeError` for what no packer wrote. */
export class PackCursor {
  readonly #bytes: Uint8Array
  readonly #reader: ByteReader
  #at = 1
  /** Of the record: its name, and how that is written; its bytes, none where it is gone. */
  readonly #name = { start: 0, end: 0, isWide: false }
  readonly #record = { start: 0, end: -1 }
  /** What names of the last records began with, up to the colon behind the kind, and what that says. */
  readonly #prefixes: Prefix[] = []
  #oldest = 0

  constructor({ detector, bytes }: Pick<EntityPack, 'detector'> & { readonly bytes: Uint8Array }) {
    this.#bytes = bytes
    this.#reader = new ByteReader(bytes)
    const format = bytes[0]
    if (format === undefined) throw tornPack()
    if (format === packFormat) return
    throw new RangeError(
      `${detector}: a pack of format ${format}, this version reads ${packFormat}; move the data folder away to start anew`,
    )
  }

  /** Where the next record begins. */
  get at(): number {
    return this.#at
  }

  /** Moves to the next record; false behind the last one. */
  next(): boolean {
    if (this.#at >= this.#bytes.length) return false
    const head = this.#number()
    this.#name.isWide = head % 2 === 1
    this.#name.start = this.#skip(this.#name.isWide ? head - 1 : head / 2)
    this.#name.end = this.#at
    const length = this.#number()
    this.#record.start = this.#skip(Math.max(0, length - 1))
    this.#record.end = length === 0 ? -1 : this.#at
    return true
  }

  /** `EntityRecord.entity`. */
  get name(): string {
    return this.#text(this.#name.start, this.#name.end)
  }

  /** `EntityRecord.bytes`, which lie in the pack. */
  get bytes(): Uint8Array | undefined {
    const { start, end } = this.#record
    return end < 0 ? undefined : this.#bytes.subarray(start, end)
  }

  /** Where `bytes` lie in the pack; `end` is −1 for none. */
  get start(): number {
    return this.#record.start
  }

  get end(): number {
    return this.#record.end
  }

  /** Reads the bytes; `undefined` for a record that is gone. It is the same for all records. */
  get reader(): ByteReader | undefined {
    const { start, end } = this.#record
    if (end < 0) return undefined
    this.#reader.within(start, end)
    return this.#reader
  }

  /** The part that the name names, and its entity; `undefined` for one of no kind that is known. Throws as `parsePartKey`. */
  get part(): PartOfEntity | undefined {
    const { start, end, isWide } = this.#name
    const prefix = isWide ? undefined : this.#prefixOf(start, end)
    if (prefix === undefined) return named(this.name)
    const { says, length } = prefix
    if (says === undefined || start + length + 1 === end) return undefined
    const { part, index, kind } = says
    return { part, index, kind, id: this.#text(start + length + 1, end) }
  }

  /** What a name begins with, up to the first colon behind the first blank; `undefined` where there is none. */
  #prefixOf(start: number, end: number): Prefix | undefined {
    for (const known of this.#prefixes) if (this.#begins(known, start, end)) return known
    const colonAt = this.#colonOf(start, end)
    if (colonAt < 0) return undefined
    const made = { start, length: colonAt - start, says: named(`${this.#text(start, colonAt + 1)}?`) }
    this.#prefixes[this.#oldest] = made
    this.#oldest = (this.#oldest + 1) % prefixesMax
    return made
  }

  /** The first colon behind the first blank; −1 for none. */
  #colonOf(start: number, end: number): number {
    const bytes = this.#bytes
    let at = start
    while (at < end && bytes[at] !== blank) at++
    while (at < end && bytes[at] !== colon) at++
    return at < end ? at : -1
  }

  #begins({ start: from, length }: Prefix, start: number, end: number): boolean {
    const bytes = this.#bytes
    if (start + length >= end || bytes[start + length] !== colon) return false
    // Their ends differ first: the kind.
    for (let at = length - 1; at >= 0; at--) if (bytes[from + at] !== bytes[start + at]) return false
    return true
  }

  #text(start: number, end: number): string {
    return this.#reader.chars(start, end, this.#name.isWide)
  }

  /** LEB128. */
  #number(): number {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) throw tornPack()
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
  }

  #skip(length: number): number {
    const start = this.#at
    if (start + length > this.#bytes.length) throw tornPack()
    this.#at = start + length
    return start
  }
}

function named(key: string): PartOfEntity | undefined {
  const { entity: entityKey, part, index } = parsePartKey(key)
  const entity = parseEntityKey(entityKey)
  return entity && { part, index, ...entity }
}

function tornPack(): RangeError {
  return new RangeError('a pack that ends inside a record')
}
