/** An object id as a place on a line: ids of one `series` can be put in order and their distances compared. */
export interface ObjectNumber {
  /** What stays the same while the number walks: prefix and suffix, or the kind of time-ordered id. */
  readonly series: string
  readonly value: bigint
}

const numberPart = /^(.*?)(\d{1,30})(\D*)$/s
const uuid = /^([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f])([0-9a-f]{3})-([0-9a-f]{4})-([0-9a-f]{12})$/i
const ulid = /^[0-7][0-9a-hjkmnp-tv-z]{25}$/i
const crockford = '0123456789abcdefghjkmnpqrstvwxyz'

/**
 * The numeric part of an id: plain numbers, numbers with a prefix (`ORD-000123`), and the time part of UUID versions
 * 1 and 7 (RFC 9562 sections 5.1 and 5.7) and ULID. `undefined` for ids without order, such as UUID version 4.
 */
export function objectNumber(id: string): ObjectNumber | undefined {
  const uuidParts = uuid.exec(id)
  if (uuidParts) return uuidNumber(uuidParts)
  if (ulid.test(id)) return { series: 'ulid', value: base32(id.slice(0, 10).toLowerCase()) }
  // A long hexadecimal id is a random one or a hash; its digits at the end mean nothing.
  if (/^[0-9a-f]{16,}$/i.test(id) && /[a-f]/i.test(id)) return undefined
  const parts = numberPart.exec(id)
  if (!parts?.[2] || id.length > 64) return undefined
  return { series: `${parts[1]}#${parts[3]}`, value: BigInt(parts[2]) }
}

function uuidNumber(parts: RegExpExecArray): ObjectNumber | undefined {
  const [, low = '', middle = '', version, high = '', clock = '', node = ''] = parts
  if (version === '7') return { series: 'uuid-v7', value: BigInt(`0x${low}${middle}`) }
  if (version === '1')
    return { series: `uuid-v1 ${clock}-${node}`, value: BigInt(`0x${high}${middle}${low}`) }
  return undefined
}

function base32(text: string): bigint {
  let value = 0n
  for (const character of text) value = value * 32n + BigInt(crockford.indexOf(character))
  return value
}
