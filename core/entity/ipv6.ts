const colon = 0x3a
const groupsMax = 8
/** Of eight groups of four digits, with colons between them. */
const lengthMax = 39

/** Reads IPv6 addresses, one after the other. */
export class Ipv6Reader {
  /** Of the address that was read last, 16 bits each. */
  readonly groups = new Uint16Array(groupsMax)
  /** Where `::` stood in it, and for how many groups. */
  #gap = 0
  #gapLength = 0
  /** No capital letters, no zeros before other digits. */
  #isShort = false

  /**
   * Reads an address of hexadecimal groups (RFC 4291 section 2.2, forms 1 and 2). False for any other text, which may be an
   * address all the same: with a zone, or with an IPv4 address at its end.
   */
  read(text: string): boolean {
    const { groups } = this
    const { length } = text
    if (length > lengthMax) return false
    const startsWithGap = text.charCodeAt(0) === colon && text.charCodeAt(1) === colon
    let gap = startsWithGap ? 0 : -1
    let at = startsWithGap ? 2 : 0
    let count = 0
    this.#isShort = true
    while (at < length) {
      const behind = count < groupsMax ? this.#readGroup(text, at, count) : at
      if (behind === at) return false
      count++
      at = behind
      if (at === length) break
      if (text.charCodeAt(at++) !== colon) return false
      if (text.charCodeAt(at) === colon) {
        if (gap >= 0) return false
        gap = count
        at++
      } else if (at === length) return false
    }
    this.#gap = gap
    this.#gapLength = groupsMax - count
    if (gap < 0) return count === groupsMax
    groups.copyWithin(gap + this.#gapLength, gap, count)
    groups.fill(0, gap, gap + this.#gapLength)
    return count < groupsMax
  }

  /** Behind the group of one to four digits at `from`, which is then the n-th one; `from` when there is none. */
  #readGroup(text: string, from: number, n: number): number {
    let group = 0
    let at = from
    for (let digit = hexDigit(text.charCodeAt(at)); digit >= 0; digit = hexDigit(text.charCodeAt(++at))) {
      group = (group << 4) | (digit & 15)
      if (digit > 15) this.#isShort = false
    }
    const digits = at - from
    if (digits > 4) return from
    if (digits > 1 && group >> ((digits - 1) * 4) === 0) this.#isShort = false
    this.groups[n] = group
    return at
  }

  /** `::ffff:0:0/96` (RFC 4291 section 2.5.5.2): the IPv4 address that was read, if it was one. */
  get mapped(): string | undefined {
    const { groups } = this
    for (let n = 0; n < 5; n++) if (groups[n] !== 0) return undefined
    if (groups[5] !== 0xffff) return undefined
    const high = groups[6] as number
    const low = groups[7] as number
    return `${high >> 8}.${high & 0xff}.${low >> 8}.${low & 0xff}`
  }

  /** What was read from this text as RFC 5952 section 4 wants it: the same text, if it is. */
  canonical(text: string): string {
    const [start, length] = longestZeros(this.groups)
    const isGapRight = length < 2 ? this.#gap < 0 : this.#gap === start && this.#gapLength === length
    if (this.#isShort && isGapRight) return text
    if (length < 2) return joined(this.groups, 0, groupsMax)
    return `${joined(this.groups, 0, start)}::${joined(this.groups, start + length, groupsMax)}`
  }

  /** The first `count` groups, at most 4, as RFC 5952 writes them before groups of zeros: of these the last are the longest run. */
  network(count: number): string {
    let end = count
    while (end > 0 && this.groups[end - 1] === 0) end--
    return `${joined(this.groups, 0, end)}::`
  }
}

/** The value of a hexadecimal digit, with bit 4 set for a capital letter; −1 for anything else. */
function hexDigit(code: number): number {
  const digit = code - 0x30
  if (digit >= 0 && digit <= 9) return digit
  const letter = (code | 0x20) - 0x61
  if (!(letter >= 0 && letter <= 5)) return -1
  return letter + 10 + (code < 0x61 ? 16 : 0)
}

/** Where the longest run of zero groups stands, the first of equal ones, and its length. */
function longestZeros(groups: Uint16Array): readonly [start: number, length: number] {
  let best = 0
  let bestLength = 0
  let length = 0
  for (let n = 0; n < groupsMax; n++) {
    length = groups[n] === 0 ? length + 1 : 0
    if (length <= bestLength) continue
    bestLength = length
    best = n + 1 - length
  }
  return [best, bestLength]
}

function joined(groups: Uint16Array, from: number, end: number): string {
  let text = ''
  for (let n = from; n < end; n++) {
    if (n > from) text += ':'
    text += (groups[n] as number).toString(16)
  }
  return text
}
