import { Buffer } from 'node:buffer'
import { instantValue, listLengthMax, numberValue, partitionInstant, textLengthMax } from './column-values.ts'

const bytesFirst = 64 * 1024
/** A buffer that had to grow beyond this is not kept. */
const bytesKeptMax = 8 * 1024 * 1024
/** Texts shorter than this are written here, byte by byte, which costs less than a call into the runtime. */
const shortLength = 64
/** A length takes at most so many bytes. */
const lengthBytes = 5

/**
 * Rows in ClickHouse's RowBinary (docs: "Formats for input and output data"), in one buffer that grows. Each method
 * writes a column of the type in its name, bounded: whatever does not fit the type is written as its default.
 */
export class RowBytes {
  #bytes: Buffer = Buffer.allocUnsafeSlow(bytesFirst)
  #view = new DataView(this.#bytes.buffer)
  #length = 0

  get length(): number {
    return this.#length
  }

  /** The bytes so far, in memory of their own; what is written next begins anew. */
  take(): Buffer {
    const taken = Buffer.allocUnsafeSlow(this.#length)
    this.#bytes.copy(taken, 0, 0, this.#length)
    this.#length = 0
    if (this.#bytes.length > bytesKeptMax) this.#replace(Buffer.allocUnsafeSlow(bytesFirst))
    return taken
  }

  /** Takes back what was written after this length. */
  truncate(length: number): void {
    this.#length = length
  }

  /** Some of `bytes` as they are. */
  raw(bytes: Uint8Array, from: number, to: number): void {
    this.#room(to - from)
    const written = this.#bytes
    let at = this.#length
    // Few: a call into the runtime would cost more.
    for (let index = from; index < to; index++) written[at++] = bytes[index] as number
    this.#length = at
  }

  uint8(value: number): void {
    this.#room(1)
    this.#bytes[this.#length++] = value
  }

  uint32(value: number): void {
    this.#room(4)
    this.#view.setUint32(this.#length, value, true)
    this.#length += 4
  }

  /** `UInt64`, and `Int64` of what is not negative; exact up to 2^53. */
  uint64(value: number): void {
    this.#room(8)
    this.#view.setUint32(this.#length, value >>> 0, true)
    this.#view.setUint32(this.#length + 4, Math.floor(value / 2 ** 32), true)
    this.#length += 8
  }

  float64(value: number): void {
    this.#room(8)
    this.#view.setFloat64(this.#length, value, true)
    this.#length += 8
  }

  /** `DateTime64(3)` of a column that partitions, from epoch milliseconds. */
  instant(value: number): void {
    this.uint64(partitionInstant(value))
  }

  nullableNumber(value: unknown): void {
    const number = numberValue(value)
    this.uint8(number === null ? 1 : 0)
    if (number !== null) this.float64(number)
  }

  nullableInstant(value: unknown): void {
    const instant = instantValue(value)
    this.uint8(instant === null ? 1 : 0)
    if (instant !== null) this.uint64(instant)
  }

  nullableBoolean(value: unknown): void {
    this.uint8(typeof value === 'boolean' ? 0 : 1)
    if (typeof value === 'boolean') this.uint8(value ? 1 : 0)
  }

  /** `String`: cut to `textLengthMax`, lone surrogates replaced. Anything but a text is the empty one. */
  text(value: unknown): void {
    if (typeof value !== 'string') {
      this.uint8(0)
      return
    }
    const { length } = value
    if (length >= shortLength) {
      this.longText(value, textLengthMax)
      return
    }
    this.#room(1 + length)
    const bytes = this.#bytes
    let at = this.#length + 1
    for (let index = 0; index < length; index++) {
      const code = value.charCodeAt(index)
      if (code > 0x7f) {
        this.longText(value, textLengthMax)
        return
      }
      bytes[at++] = code
    }
    bytes[this.#length] = length
    this.#length = at
  }

  /** A text of any length, cut to so many UTF-16 code units. */
  longText(value: string, lengthMax: number): void {
    const text = value.length > lengthMax ? value.slice(0, lengthMax) : value
    this.#room(lengthBytes + 3 * text.length)
    this.count(Buffer.byteLength(text, 'utf8'))
    this.#length += this.#bytes.write(text, this.#length, 'utf8')
  }

  /** `Array(String)`, cut to `listLengthMax`. */
  texts(value: unknown): void {
    if (!Array.isArray(value)) {
      this.uint8(0)
      return
    }
    const length = Math.min(value.length, listLengthMax)
    this.count(length)
    for (let index = 0; index < length; index++) this.text(value[index])
  }

  /** How many elements of an array or map follow (unsigned LEB128). */
  count(value: number): void {
    this.#room(lengthBytes)
    let rest = value
    for (; rest > 0x7f; rest >>>= 7) this.#bytes[this.#length++] = (rest & 0x7f) | 0x80
    this.#bytes[this.#length++] = rest
  }

  #room(bytes: number): void {
    const wanted = this.#length + bytes
    if (wanted > this.#bytes.length) this.#grow(wanted)
  }

  #grow(wanted: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(wanted, 2 * this.#bytes.length))
    this.#bytes.copy(grown, 0, 0, this.#length)
    this.#replace(grown)
  }

  #replace(bytes: Buffer): void {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer)
  }
}
