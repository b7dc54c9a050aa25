/** An object id as a place on a line: ids of one `series` can be put in order and their distances compared. */
export interface ObjectNumber {
  /** What stays the same while the number walks. */
  readonly series: string
  /** A whole number below 2^53. */
  readonly value: number
  /** The rest of the id is random, so that no guess of the number alone can succeed. */
  readonly partial: boolean
}

const uuid = /^([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f])([0-9a-f]{3})-([0-9a-f]{4})-([0-9a-f]{12})$/i
const ulid = /^[0-7][0-9a-hjkmnp-tv-z]{25}$/i
const longHex = /^(?:0x)?[0-9a-f]{16,}$/i
const date = /^\d{4}-\d{2}-\d{2}$/
const crockford = '0123456789abcdefghjkmnpqrstvwxyz'
/** Digits that a double holds exactly; what stands before them goes to the series. */
const digitsMax = 15
/** Hexadecimal digits at the end of a long id that may count up, such as the counter of a MongoDB ObjectId. */
const hexTail = 8
const idLengthMax = 128

/**
 * The ways to read an id as a number, at most two: the last two runs of digits (`INV-2024-000123`), the time of UUID
 * versions 1, 6 and 7 (RFC 9562 sections 5.1, 5.6, 5.7) and of ULID, and the tail of UUID, ULID and long hexadecimal
 * ids, which random ids never share a series in. Empty for ids without order, and for dates.
 */
export function objectNumbers(id: string): readonly ObjectNumber[] {
  if (id.length > idLengthMax || date.test(id)) return []
  const parts = uuid.exec(id)
  if (parts) return uuidNumbers(id.toLowerCase(), parts)
  const lettered = /[a-z]/i.test(id)
  if (lettered && ulid.test(id)) return ulidNumbers(id.toLowerCase())
  if (lettered && longHex.test(id)) {
    const cut = id.length - hexTail
    return [plain(`hex ${id.slice(0, cut).toLowerCase()}`, Number.parseInt(id.slice(cut), 16))]
  }
  return [...id.matchAll(/\d+/g)].slice(-2).map((run) => decimal(id, run.index, run[0]))
}

function decimal(id: string, start: number, digits: string): ObjectNumber {
  const cut = Math.max(0, digits.length - digitsMax)
  const series = `${id.slice(0, start)}${digits.slice(0, cut)}#${id.slice(start + digits.length)}`
  return plain(series, Number(digits.slice(cut)))
}

function uuidNumbers(id: string, parts: RegExpExecArray): readonly ObjectNumber[] {
  const [, first = '', middle = '', version, last = ''] = parts
  const tail = plain(`uuid ${id.slice(0, 24)}`, Number.parseInt(id.slice(24), 16))
  if (version === '7') {
    return [{ series: 'uuid-v7', value: Number.parseInt(`${first}${middle}`, 16), partial: true }, tail]
  }
  // 60 bits of time, most significant first: the upper 12 go to the series.
  const time =
    version === '1' ? `${last}${middle}${first}` : version === '6' ? `${first}${middle}${last}` : ''
  if (time === '') return [tail]
  const series = `uuid-v${version} ${id.slice(19)} ${time.slice(0, 3)}`
  return [plain(series.toLowerCase(), Number.parseInt(time.slice(3), 16)), tail]
}

/** Monotonic generators count the random part up within a millisecond. */
function ulidNumbers(id: string): readonly ObjectNumber[] {
  return [
    { series: 'ulid', value: base32(id.slice(0, 10)), partial: true },
    plain(`ulid ${id.slice(0, 16)}`, base32(id.slice(16))),
  ]
}

function plain(series: string, value: number): ObjectNumber {
  return { series, value, partial: false }
}

function base32(text: string): number {
  let value = 0
  for (const character of text) value = value * 32 + crockford.indexOf(character)
  return value
}
