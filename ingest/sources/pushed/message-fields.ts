/** The fields of a message that are messages, by number: as much of a definition as counting needs. */
export type MessageShape = ReadonlyMap<number, MessageShape>

/** Deeper than any message that means something; each level of a hostile one would cost a call. */
const depthMax = 64

/** A number takes ten bytes at most. */
const numberMax = 128 ** 9

/** A part of a buffer. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** Goes over the fields of a Protobuf message that have a length (texts, bytes, messages), without making anything of them. */
class Fields {
  readonly #bytes: Buffer
  readonly #end: number
  #at: number
  /** Number of the field, and where what is in it lies. */
  field = 0
  start = 0
  end = 0

  constructor(bytes: Buffer, start: number, end: number) {
    this.#bytes = bytes
    this.#at = start
    this.#end = end
  }

  /** Goes on to the next one; false when there is none. Throws `Error` for what is no message. */
  next(): boolean {
    while (this.#at < this.#end) {
      const tag = this.#number()
      // Decoders take 32 bits of it, and so another field.
      if (tag >= 2 ** 32) throw new Error('a field with a number out of range')
      const kind = tag & 7
      if (kind === 2) {
        const length = this.#number()
        this.start = this.#at
        this.field = Math.floor(tag / 8)
        this.end = this.#pass(length)
        return true
      }
      if (kind === 0) this.#number()
      else if (kind === 1) this.#pass(8)
      else if (kind === 5) this.#pass(4)
      else throw new Error(`a field of the unknown kind ${kind}`)
    }
    return false
  }

  #pass(length: number): number {
    if (length > this.#end - this.#at) throw cutOff()
    this.#at += length
    return this.#at
  }

  #number(): number {
    let value = 0
    for (let scale = 1; this.#at < this.#end; scale *= 128) {
      if (scale > numberMax) throw new Error('a number has no end')
      const byte = this.#bytes[this.#at++] as number
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
    }
    throw cutOff()
  }
}

/** Tells of each field that has a length, and where it lies. Throws `Error` for what is no message. */
export function eachField(
  bytes: Buffer,
  { start, end }: Span,
  tell: (field: number, at: Span) => void,
): void {
  const fields = new Fields(bytes, start, end)
  while (fields.next()) tell(fields.field, { start: fields.start, end: fields.end })
}

/**
 * Whether a message holds more than so many others, however deep, or nests too deep to mean anything: an object is made
 * of each when it is decoded, of two bytes as well. Throws `Error` for what is no message.
 */
export function holdsMoreThan(
  max: number,
  bytes: Buffer,
  { start, end }: Span,
  shape: MessageShape,
): boolean {
  let left = max
  function count(from: number, to: number, messages: MessageShape, depth: number): void {
    const fields = new Fields(bytes, from, to)
    while (left >= 0 && fields.next()) {
      const inner = messages.get(fields.field)
      if (inner === undefined) continue
      left = depth >= depthMax ? -1 : left - 1
      if (fields.end > fields.start && left >= 0) count(fields.start, fields.end, inner, depth + 1)
    }
  }
  count(start, end, shape, 0)
  return left < 0
}

function cutOff(): Error {
  return new Error('it is cut off')
}
