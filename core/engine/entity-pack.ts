import { ByteWriter } from '../aggregates/bytes.ts'
import type { EntityPack, EntityRecord } from '../ports/state-store.ts'

/** First byte of every pack; another one is refused, never misread. */
const formatVersion = 2

/** Writes records one behind the other into one piece of memory, with no object or text for each. */
export class EntityPacker {
  /** For the bytes of the record that was begun. */
  readonly out: ByteWriter
  #length = 0
  #bytes = 0

  /** `bytesMin`: room to begin with; it grows. */
  constructor(bytesMin = 256) {
    this.out = new ByteWriter(bytesMin)
    this.out.uint(formatVersion)
  }

  /** A record without bytes; its name is that of an `EntityRecord`, in two parts. */
  gone(prefix: string, rest: string): void {
    this.out.chars(prefix, rest)
    this.out.uint(0)
  }

  /** A record, whose bytes are written to `out` before `end`. */
  begin(prefix: string, rest: string): void {
    this.out.chars(prefix, rest)
    this.#length = this.out.hole()
  }

  end(): void {
    this.out.fill(this.#length, this.out.length - this.#length - ByteWriter.holeBytes + 1)
  }

  /** How long the pack is. */
  get bytes(): number {
    return this.#bytes
  }

  /** What was written, `undefined` where it is nothing. The packer is done with. */
  pack(): EntityPack['bytes'] | undefined {
    this.#bytes = this.out.length
    return this.#bytes > 1 ? this.out.finish() : undefined
  }
}

/** Records as one pack for each log that they belong to, by the number of the packs. */
export function packsOf(records: Iterable<EntityRecord>, number = 1): EntityPack[] {
  const logs = new Map<string, { readonly head: Omit<EntityPack, 'bytes'>; readonly packer: EntityPacker }>()
  for (const { detector, version, entity, bytes } of records) {
    const part = entity.startsWith('s') ? 'slice' : 'pane'
    const key = `${part} ${version} ${detector}`
    const head = { detector, version, part, number, oldest: 1 } as const
    const { packer } = logs.get(key) ?? { packer: new EntityPacker() }
    logs.set(key, { head, packer })
    if (bytes === undefined) packer.gone(entity, '')
    else {
      packer.begin(entity, '')
      packer.out.raw(bytes)
      packer.end()
    }
  }
  return [...logs.values()].map(({ head, packer }) => ({
    ...head,
    bytes: packer.pack() as EntityPack['bytes'],
  }))
}

/** The records of packs in their order; their bytes lie in these. Throws `RangeError` for what no packer wrote. */
export function* unpack(packs: Iterable<EntityPack>): Generator<EntityRecord> {
  for (const { detector, version, bytes: pack } of packs) {
    const reader = new PackReader(pack)
    const format = reader.byte()
    if (format !== formatVersion)
      throw new RangeError(
        `${detector}: a pack of format ${format}, this version reads ${formatVersion}; move the data folder away to start anew`,
      )
    while (!reader.isDone) {
      const entity = reader.text()
      const length = reader.number()
      yield { detector, version, entity, bytes: length === 0 ? undefined : reader.bytes(length - 1) }
    }
  }
}

/** Characters made into a text at once: arguments of one call. */
const charactersMax = 4096

class PackReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get isDone(): boolean {
    return this.#at >= this.#bytes.length
  }

  byte(): number {
    const byte = this.#bytes[this.#at++]
    if (byte === undefined) throw tornPack()
    return byte
  }

  number(): number {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte()
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
  }

  bytes(length: number): Uint8Array {
    const start = this.#skip(length)
    return this.#bytes.subarray(start, start + length)
  }

  /** As `ByteWriter.chars` writes it: lone surrogates included, which no encoding of texts keeps. */
  text(): string {
    const head = this.number()
    const isWide = head % 2 === 1
    const start = this.#skip(isWide ? head - 1 : head / 2)
    let text = ''
    for (let at = start; at < this.#at; ) {
      const end = Math.min(this.#at, at + charactersMax)
      const codes = isWide ? this.#wide(at, end) : this.#bytes.subarray(at, end)
      text += String.fromCharCode.apply(null, codes as unknown as number[])
      at = end
    }
    return text
  }

  #wide(start: number, end: number): Uint16Array {
    const codes = new Uint16Array((end - start) / 2)
    for (let at = 0; at < codes.length; at++) codes[at] = this.#view.getUint16(start + at * 2, true)
    return codes
  }

  #skip(length: number): number {
    const start = this.#at
    if (start + length > this.#bytes.length) throw tornPack()
    this.#at = start + length
    return start
  }
}

function tornPack(): RangeError {
  return new RangeError('a pack that ends inside a record')
}
