import type { Buffer } from 'node:buffer'
import type { LineBytes } from './line-bytes.ts'
import { logTimeLength } from './log-time-bytes.ts'
import { shiftOf, stopsIn } from './text-hash.ts'

const space = 0x20
const quote = 0x22
const dash = 0x2d
const digitsMax = 15

/** Where the parts of a log line stand; texts are ASCII without escapes. */
export class CombinedCut {
  start = 0
  /** Without the line's end. */
  end = 0
  clientEnd = 0
  user = 0
  userEnd = 0
  time = 0
  request = 0
  requestEnd = 0
  methodEnd = 0
  /** Of a target that stands between a method and a version; -1 for any other request line. */
  targetEnd = 0
  status = 0
  /** -1 when the log has none. */
  bytesOut = 0
  userAgent = 0
  /** 0 without a user agent. */
  userAgentEnd = 0
  extras = 0

  /** Cuts `client ident user [time] "request" status bytes "referer" "user agent" …`; false when it may not be that. */
  cut({ bytes, view, start, end }: LineBytes): boolean {
    this.start = start
    this.end = end
    while (this.end > start && (bytes[this.end - 1] === 0x0a || bytes[this.end - 1] === 0x0d)) this.end--
    if (!this.#cutHead(bytes)) return false
    this.requestEnd = quotedEnd(view, this.request)
    if (this.requestEnd < 0) return false
    this.#cutRequest(bytes)
    const at = this.#cutNumbers(bytes, this.requestEnd + 1)
    return at >= 0 && this.#cutQuoted(bytes, view, at) && this.extras <= this.end
  }

  #cutHead(bytes: Buffer): boolean {
    this.clientEnd = wordEnd(bytes, this.start)
    const identEnd = this.clientEnd < 0 ? -1 : wordEnd(bytes, this.clientEnd + 1)
    this.user = identEnd + 1
    this.userEnd = identEnd < 0 ? -1 : wordEnd(bytes, this.user)
    if (this.userEnd < 0 || bytes[this.userEnd + 1] !== 0x5b) return false
    // A colon before a blank may end a syslog header.
    if (bytes[this.clientEnd - 1] === 0x3a || bytes[identEnd - 1] === 0x3a) return false
    this.time = this.userEnd + 2
    const timeEnd = this.time + logTimeLength
    this.request = timeEnd + 3
    return bytes[timeEnd] === 0x5d && bytes[timeEnd + 1] === space && bytes[timeEnd + 2] === quote
  }

  /** `GET /path HTTP/1.1`, of which the method has letters, `_` and `-` only, and the path no blank. */
  #cutRequest(bytes: Buffer): void {
    const { request, requestEnd } = this
    this.targetEnd = -1
    let at = request
    while (isMethodLetter(bytes[at] as number)) at++
    this.methodEnd = at
    const first = (bytes[request] as number) | 0x20
    const isMethod = at - request <= 32 && first >= 0x61 && first <= 0x7a
    if (!isMethod || bytes[at] !== space || bytes[at + 1] !== 0x2f) return
    at += 2
    while (bytes[at] !== space && at < requestEnd) at++
    if (isVersion(bytes, at + 1, requestEnd)) this.targetEnd = at
  }

  /** Status and bytes stand one blank apart after the request. Gives where they end, or -1. */
  #cutNumbers(bytes: Buffer, from: number): number {
    const hundreds = bytes[from + 1] as number
    const tens = bytes[from + 2] as number
    const ones = bytes[from + 3] as number
    if (bytes[from] !== space || bytes[from + 4] !== space) return -1
    if (!isDigit(hundreds) || !isDigit(tens) || !isDigit(ones)) return -1
    this.status = (hundreds - 0x30) * 100 + (tens - 0x30) * 10 + (ones - 0x30)
    const first = from + 5
    let at = first
    this.bytesOut = -1
    if (bytes[at] === dash) at++
    else {
      let value = 0
      for (; isDigit(bytes[at] as number); at++) value = value * 10 + (bytes[at] as number) - 0x30
      if (at === first || at - first > digitsMax) return -1
      this.bytesOut = value
    }
    return at === this.end || (at < this.end && bytes[at] === space) ? at : -1
  }

  /** Referer and user agent, both optional. False when one has no plain end. */
  #cutQuoted(bytes: Buffer, view: DataView, from: number): boolean {
    this.userAgentEnd = 0
    this.extras = from
    if (bytes[from] !== space || bytes[from + 1] !== quote) return true
    const refererEnd = quotedEnd(view, from + 2)
    if (refererEnd < 0) return false
    this.extras = refererEnd + 1
    if (bytes[this.extras] !== space || bytes[this.extras + 1] !== quote) return true
    this.userAgent = this.extras + 2
    this.userAgentEnd = quotedEnd(view, this.userAgent)
    this.extras = this.userAgentEnd + 1
    return this.userAgentEnd >= 0
  }
}

/** The end of a word of the line's head, at a blank; -1 when it is empty or has a character that moves other parts. */
function wordEnd(bytes: Buffer, from: number): number {
  let at = from
  for (let byte = bytes[at] as number; byte !== space; byte = bytes[++at] as number) {
    // Brackets and backslash are neighbours.
    if (byte < space || byte >= 0x7f || byte === quote || (byte >= 0x5b && byte <= 0x5d)) return -1
  }
  return at > from ? at : -1
}

/** The end of quoted text of ASCII without escapes; -1 of any other. */
export function quotedEnd(view: DataView, from: number): number {
  let at = from | 0
  let word = view.getInt32(at, true)
  let stops = stopsIn(word)
  while (stops === 0) {
    at = (at + 4) | 0
    word = view.getInt32(at, true)
    stops = stopsIn(word)
  }
  const shift = shiftOf(stops)
  return ((word >>> shift) & 0xff) === quote ? at + (shift >> 3) : -1
}

function isMethodLetter(byte: number): boolean {
  const letter = byte | 0x20
  return (letter >= 0x61 && letter <= 0x7a) || byte === 0x5f || byte === dash
}

/** `HTTP/1.1`, `HTTP/2`. */
function isVersion(bytes: Buffer, at: number, end: number): boolean {
  const isName =
    bytes[at] === 0x48 &&
    bytes[at + 1] === 0x54 &&
    bytes[at + 2] === 0x54 &&
    bytes[at + 3] === 0x50 &&
    bytes[at + 4] === 0x2f &&
    isDigit(bytes[at + 5] as number)
  return (
    isName &&
    (end === at + 6 || (end === at + 8 && bytes[at + 6] === 0x2e && isDigit(bytes[at + 7] as number)))
  )
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}
