import { ByteWriter } from '../aggregates/bytes.ts'
import type { EntityPack, EntityRecord } from '../ports/state-store.ts'

/** First byte of every pack; another one is refused, never misread. */
const formatVersion = 1

/** What begins a record: the detector of the one before, or another one, whose name and version follow. */
const [same, another] = [0, 1]

/** Writes records one behind the other into one piece of memory, with no object or text for each. */
export class EntityPacker {
  /** For the bytes of the record that was begun. */
  readonly out: ByteWriter
  #detector = ''
  #version = Number.NaN
  #isSame = false
  #length = 0
  #bytes = 0

  /** `bytesMin`: room to begin with; it grows. */
  constructor(bytesMin = 256) {
    this.out = new ByteWriter(bytesMin)
    this.out.uint(formatVersion)
  }

  /** Whose records come next. */
  of({ id, version }: { readonly id: string; readonly version: number }): void {
    this.#isSame &&= this.#detector === id && this.#version === version
    this.#detector = id
    this.#version = version
  }

  /** A record without bytes; its name is that of an `EntityRecord`, in two parts. */
  gone(prefix: string, rest: string): void {
    this.#name(prefix, rest)
    this.out.uint(0)
  }

  /** A record, whose bytes are written to `out` before `end`. */
  begin(prefix: string, rest: string): void {
    this.#name(prefix, rest)
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
  pack(): EntityPack | undefined {
    this.#bytes = this.out.length
    return this.#bytes > 1 ? this.out.finish() : undefined
  }

  #name(prefix: string, rest: string): void {
    const { out } = this
    out.uint(this.#isSame ? same : another)
    if (!this.#isSame) {
      this.#isSame = true
      out.chars(this.#detector, '')
      out.raw(littleEndian(this.#version))
    }
    out.chars(prefix, rest)
  }
}

/** Some records as one pack. */
export function packOf(records: readonly EntityRecord[]): EntityPack[] {
  const packer = new EntityPacker()
  for (const { detector, version, entity, bytes } of records) {
    packer.of({ id: detector, version })
    if (bytes === undefined) packer.gone(entity, '')
    else {
      packer.begin(entity, '')
      packer.out.raw(bytes)
      packer.end()
    }
  }
  const pack = packer.pack()
  return pack ? [pack] : []
}

/** The records of packs in their order; their bytes lie in these. Throws `RangeError` for what no packer wrote. */
export function* unpack(packs: Iterable<Uint8Array>): Generator<EntityRecord> {
  for (const pack of packs) {
    const reader = new PackReader(pack)
    if (reader.byte() !== formatVersion) throw new RangeError('a batch of another format')
    let [detector, version] = ['', 0]
    while (!reader.isDone) {
      if (reader.byte() === another) [detector, version] = [reader.text(), reader.double()]
      const entity = reader.text()
      const length = reader.number()
      yield { detector, version, entity, bytes: length === 0 ? undefined : reader.bytes(length - 1) }
    }
  }
}

function littleEndian(value: number): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setFloat64(0, value, true)
  return bytes
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

  double(): number {
    return this.#view.getFloat64(this.#skip(8), true)
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
  return new RangeError('a batch that ends inside a record')
}
