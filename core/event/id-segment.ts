/** What a path segment is: an id (with its source text and what stays around it), a credential, or fixed text. */
export type SegmentShape =
  | { readonly kind: 'id'; readonly id: string; readonly suffix: string }
  | { readonly kind: 'credential' }
  | { readonly kind: 'fixed' }

const fixed: SegmentShape = { kind: 'fixed' }
const credential: SegmentShape = { kind: 'credential' }

/** Longer segments are judged by their start: no id is longer, and the cost of a judgement stays bounded. */
const segmentLengthMax = 256

const digits = /^-?\d+(?:[-_:,]\d+)*$/
const uuid = /^\{?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\}?$/i
/** https://github.com/ulid/spec: 26 characters of Crockford's base 32, the first at most 7. */
const ulid = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/i
const longHex = /^(?:0x)?[0-9a-f]{16,}$/i
const email = /^[^@\s/]{1,64}@[^@\s/.]{1,63}(?:\.[^@\s/.]{1,63}){1,8}$/
const prefixed = /^[A-Za-z]{1,32}(?:[-_:]\d+)+$/
const extension = /^(.+)(\.[A-Za-z][A-Za-z0-9]{1,4})$/
const base64url = /^[A-Za-z0-9_-]{20,}={0,2}$/
const prefixedToken = /^[a-z]{2,10}_[A-Za-z0-9]{8,}$/
const jwt = /^eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*$/

/** The shape of one decoded path segment. Version segments such as `v1` and slugs of words are fixed text. */
export function segmentShape(segment: string): SegmentShape {
  const text = segment.length > segmentLengthMax ? segment.slice(0, segmentLengthMax) : segment
  if (isId(text)) return { kind: 'id', id: text, suffix: '' }
  if (jwt.test(text)) return credential
  const named = extension.exec(text)
  const stem = named?.[1] ?? ''
  if (stem !== '' && isId(stem)) return { kind: 'id', id: stem, suffix: named?.[2] ?? '' }
  return fixed
}

function isId(text: string): boolean {
  if (text.length < 16 && !hasDigit(text) && !text.includes('@')) return false
  return (
    digits.test(text) ||
    prefixed.test(text) ||
    uuid.test(text) ||
    ulid.test(text) ||
    longHex.test(text) ||
    email.test(text) ||
    (base64url.test(text) && looksRandom(text, 12)) ||
    (prefixedToken.test(text) && looksRandom(text, 8))
  )
}

function hasDigit(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code >= 48 && code <= 57) return true
  }
  return false
}

/**
 * Whether the longest run of letters and digits mixes them as random text does: at least `runMin` long, with two
 * or more changes between letter and digit. Slugs (`a-guide-to-k8s-part-2`) have short runs, names few changes.
 */
function looksRandom(text: string, runMin: number): boolean {
  for (const run of text.split(/[-_=]/)) {
    if (run.length < runMin) continue
    let changes = 0
    for (let index = 1; index < run.length; index++) {
      if (isDigit(run.charCodeAt(index)) !== isDigit(run.charCodeAt(index - 1))) changes += 1
    }
    if (changes >= 2) return true
  }
  return false
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}
