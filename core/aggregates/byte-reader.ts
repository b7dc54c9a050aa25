/** Longest text whose length is one byte. */
const shortMax = 127

/** What `Buffer.toString('latin1', …)` ends in after some detours, which take longer than a short text does. */
interface Latin1Texts extends Buffer {
  latin1Slice(start: number, end: number): string
}

/** Reads what `ByteWriter` wrote. Throws `RangeError` past the end, so that a torn record is never misread. */
export class ByteReader {
  readonly #bytes: Uint8Array
  /** The same memory: makes texts without an object for where they are. */
  readonly #texts: Latin1Texts
  readonly #view: DataView
  #offset = 0
  #start = 0
  #end: number

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#texts = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) as Latin1Texts
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#end = bytes.length
  }

  /** Reads from here on what lies between two places. */
  within(start: number, end: number): void {
    this.#start = start
    this.#offset = start
    this.#end = end
  }

  /** Where it reads on, and where it ends, as `within` takes them. */
  get at(): number {
    return this.#offset
  }

  get end(): number {
    return this.#end
  }

  /** Bytes that it reads in all. */
  get length(): number {
    return this.#end - this.#start
  }

  get done(): boolean {
    return this.#offset >= this.#end
  }

  uint(): number {
    const bytes = this.#bytes
    let value = 0
    let offset = this.#offset
    for (let scale = 1; ; scale *= 128) {
      if (offset >= this.#end) throw new RangeError('record ends inside a number')
      const byte = bytes[offset++] as number
      value += (byte & 127) * scale
      if (byte >= 128) continue
      this.#offset = offset
      return value
    }
  }

  float(): number {
    const start = this.#offset
    this.#offset += 8
    if (this.#offset > this.#end) throw new RangeError('record ends inside a number')
    return this.#view.getFloat64(start)
  }

  text(): string {
    const start = this.#skip()
    const isAscii = this.#isAscii(start, this.#offset)
    return isAscii
      ? this.#texts.latin1Slice(start, this.#offset)
      : this.#texts.toString('utf8', start, this.#offset)
  }

  /** What `ByteWriter.chars` wrote, between two places anywhere: lone surrogates included, which UTF-8 would not keep. */
  chars(start: number, end: number, isWide: boolean): string {
    return isWide ? this.#texts.toString('utf16le', start, end) : this.#texts.latin1Slice(start, end)
  }

  /** Of the next text a number below 256, the same for the same text. */
  get textHint(): number {
    const bytes = this.#bytes
    const length = bytes[this.#offset] as number
    return (length * 37 + (bytes[this.#offset + 1] ?? 0) * 5 + (bytes[this.#offset + length] ?? 0)) & 0xff
  }

  /** Whether the next text is this one; then it is behind us. False for some longer or other than ASCII. */
  passes(text: string): boolean {
    const bytes = this.#bytes
    const start = this.#offset + 1
    const { length } = text
    if (bytes[start - 1] !== length || length > shortMax || start + length > this.#end) return false
    for (let at = 0; at < length; at++) {
      const byte = bytes[start + at] as number
      // A byte above 127 is a part of a character, and none by itself.
      if (byte > 127 || byte !== text.charCodeAt(at)) return false
    }
    this.#offset = start + length
    return true
  }

  bytes(): Uint8Array {
    const start = this.#skip()
    return this.#bytes.subarray(start, this.#offset)
  }

  #isAscii(start: number, end: number): boolean {
    const bytes = this.#bytes
    for (let at = start; at < end; at++) if ((bytes[at] as number) > 127) return false
    return true
  }

  /** Moves behind a value that has its length in front; gives where it begins. */
  #skip(): number {
    const length = this.uint()
    const start = this.#offset
    if (start + length > this.#end) throw new RangeError('record ends inside a value')
    this.#offset = start + length
    return start
  }
}
