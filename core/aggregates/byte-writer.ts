const encoder = new TextEncoder()

/** Longest text whose length is one byte. */
const shortMax = 127

/** Appends numbers and text to one growing buffer: the codec of all state that is stored or sent. */
export class ByteWriter {
  /** Bytes of a `hole`. */
  static readonly holeBytes = 4
  #bytes: Uint8Array<ArrayBuffer>
  #view: DataView
  #length = 0

  /** `bytesMin`: room to begin with; it grows. */
  constructor(bytesMin = 256) {
    this.#bytes = new Uint8Array(bytesMin)
    this.#view = new DataView(this.#bytes.buffer)
  }

  /** Bytes written since the last `finish`. */
  get length(): number {
    return this.#length
  }

  /** A non-negative integer below 2^53 as LEB128: small numbers take one byte. */
  uint(value: number): void {
    this.#reserve(8)
    let rest = value
    while (rest >= 128) {
      this.#bytes[this.#length++] = (rest % 128) | 128
      rest = Math.floor(rest / 128)
    }
    this.#bytes[this.#length++] = rest
  }

  float(value: number): void {
    this.#reserve(8)
    this.#view.setFloat64(this.#length, value)
    this.#length += 8
  }

  text(value: string): void {
    if (!this.#ascii(value)) this.bytes(encoder.encode(value))
  }

  bytes(value: Uint8Array): void {
    this.uint(value.length)
    this.raw(value)
  }

  /** Bytes without their length. */
  raw(value: Uint8Array): void {
    this.#reserve(value.length)
    this.#bytes.set(value, this.#length)
    this.#length += value.length
  }

  /**
   * The characters of two texts as one, each as it is, lone surrogates included: a byte each where all are below 256, else two.
   * In front stands twice their number, plus one where they take two.
   */
  chars(one: string, two: string): void {
    const length = one.length + two.length
    this.#reserve(8 + length * 2)
    const start = this.#length
    this.uint(length * 2)
    if (this.#narrow(one) && this.#narrow(two)) return
    this.#length = start
    this.uint(length * 2 + 1)
    this.#wide(one)
    this.#wide(two)
  }

  /** Leaves room for a number that is known later; gives its place for `fill`. */
  hole(): number {
    this.#reserve(ByteWriter.holeBytes)
    const at = this.#length
    this.#length += ByteWriter.holeBytes
    return at
  }

  /** Writes a number below 2^28 into a hole, as LEB128 with zeros at its end. */
  fill(hole: number, value: number): void {
    if (value >= 2 ** 28) throw new RangeError(`a record of ${value} bytes is too long to be stored`)
    for (let at = 0; at < ByteWriter.holeBytes; at++) {
      const more = at < ByteWriter.holeBytes - 1 ? 128 : 0
      this.#bytes[hole + at] = ((value >>> (7 * at)) & 127) | more
    }
  }

  /** A copy of what was written since the last call. */
  finish(): Uint8Array<ArrayBuffer> {
    const written = this.#bytes.slice(0, this.#length)
    this.#length = 0
    return written
  }

  /** Most texts are short and ASCII, which needs no encoder. False, with nothing written, for others. */
  #ascii(value: string): boolean {
    const { length } = value
    if (length > shortMax) return false
    this.#reserve(length + 1)
    const bytes = this.#bytes
    const start = this.#length + 1
    for (let at = 0; at < length; at++) {
      const code = value.charCodeAt(at)
      if (code > 127) return false
      bytes[start + at] = code
    }
    bytes[start - 1] = length
    this.#length = start + length
    return true
  }

  /** A byte for each character; false once there is one of 256 or more. */
  #narrow(value: string): boolean {
    const bytes = this.#bytes
    for (let at = 0; at < value.length; at++) {
      const code = value.charCodeAt(at)
      if (code > 0xff) return false
      bytes[this.#length++] = code
    }
    return true
  }

  #wide(value: string): void {
    for (let at = 0; at < value.length; at++, this.#length += 2)
      this.#view.setUint16(this.#length, value.charCodeAt(at), true)
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + more))
    grown.set(this.#bytes)
    this.#bytes = grown
    this.#view = new DataView(grown.buffer)
  }
}
