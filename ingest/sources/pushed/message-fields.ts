/** The fields of a message that are messages, by number: as much of a definition as counting needs. */
export type MessageShape = ReadonlyMap<number, MessageShape>

/** Deeper than any message that means something; each level of a hostile one would cost a call. */
const depthMax = 64

/** A number takes ten bytes at most. */
const varintMax = 128 ** 9

/** A part of a buffer. */
export interface Span {
  readonly start: number
  readonly end: number
}

/**
 * Tells of each field of a Protobuf message that has a length (texts, bytes, messages), and where it lies, without making
 * anything of it. Throws `Error` for what is no message.
 */
export function eachField(
  bytes: Buffer,
  { start, end }: Span,
  tell: (field: number, at: Span) => boolean,
): void {
  let at = start
  const varint = (): number => {
    let value = 0
    for (let scale = 1; at < end; scale *= 128) {
      if (scale > varintMax) throw new Error('a number has no end')
      const byte = bytes[at++] as number
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
    }
    throw cutOff()
  }
  while (at < end) {
    const tag = varint()
    const kind = tag & 7
    if (kind === 2) {
      const length = varint()
      if (length > end - at) throw cutOff()
      if (!tell(Math.floor(tag / 8), { start: at, end: at + length })) return
      at += length
    } else if (kind === 0) varint()
    else if (kind === 1) at += 8
    else if (kind === 5) at += 4
    else throw new Error(`a field of the unknown kind ${kind}`)
  }
  if (at > end) throw cutOff()
}

/**
 * Whether a message holds more than so many others, however deep, or nests too deep to mean anything. An object is made
 * of each when it is decoded, of two bytes as well: this costs a fiftieth of that. Throws `Error` for what is no message.
 */
export function holdsMoreThan(max: number, bytes: Buffer, span: Span, shape: MessageShape): boolean {
  let left = max
  const count = (within: Span, fields: MessageShape, depth: number) => {
    eachField(bytes, within, (field, at) => {
      const inner = fields.get(field)
      if (inner === undefined) return true
      left = depth >= depthMax ? -1 : left - 1
      if (left >= 0) count(at, inner, depth + 1)
      return left >= 0
    })
  }
  count(span, shape, 0)
  return left < 0
}

function cutOff(): Error {
  return new Error('it is cut off')
}
