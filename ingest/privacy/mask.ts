/** Most bytes of raw input that a dead letter keeps. */
export const rawBytesMax = 4096

const mask = '***'
const secretName =
  'passw(?:or)?d|passwd|pwd|passphrase|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|credential|jwt|' +
  'session|sess(?:ion)?[-_]?id|sid|csrf|xsrf|otp|signature|hmac|assertion|code[-_]?verifier|authorization|cookie|' +
  'auth[-_]?code|account'

/** Name and value of headers whose whole value is secret: up to the quote that closes it, or the line's end. */
const headers =
  /((?:proxy-)?authorization|(?:set-)?cookie2?)(\\?["']?\s{0,8}[:=]\s{0,8}\\?)(["']?)(?:\\.|[^"'\\\r\n])+/gi
const bearer = /\b(bearer|basic|digest|negotiate)(\s{1,4}|%20|\+)[A-Za-z0-9+/=._~-]{4,}/gi
const jwt = /\beyJ[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*){0,4}/g
const knownKeys =
  /\b(?:sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{8,}|\bAKIA[0-9A-Z]{12,}|\bgh[pousr]_[A-Za-z0-9]{16,}|\bxox[abprs]-[\w-]{8,}|\bAIza[\w-]{20,}/g
const userInfo = /(:\/\/)[^\s/@"']{1,256}@/g
const named = new RegExp(
  `((?:${secretName})[\\w.-]{0,40}(?:\\\\?["'])?\\s{0,8}[:=]\\s{0,8})` +
    `("(?:[^"\\\\]|\\\\.)*"?|\\\\"(?:[^"\\\\]|\\\\[^"])*(?:\\\\")?|'[^'\\\\]*'?|[^\\s&;,"'}\\]{[\\\\]+)`,
  'gi',
)
const controls = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/**
 * Raw input as a dead letter may show it: credentials replaced by `***`, control and direction characters written out
 * (`\x1b`), so that a terminal or page shows them and does nothing, and at most 4 KB of UTF-8. What can't be parsed
 * can only be masked by shape; names and values are matched generously, because a masked word costs little.
 */
export function maskRaw(raw: Uint8Array | string): string {
  const text = typeof raw === 'string' ? raw.slice(0, rawBytesMax * 2) : startOf(raw)
  const masked = text
    .replace(headers, `$1$2$3${mask}`)
    .replace(bearer, `$1$2${mask}`)
    .replace(jwt, mask)
    .replace(knownKeys, mask)
    .replace(userInfo, `$1${mask}@`)
    .replace(named, (_all, name: string, value: string) => name + maskedValue(value))
    .replace(controls, writtenOut)
  return cutBytes(masked, rawBytesMax)
}

/** Twice the limit is masked before the cut, so that no credential loses the name that gives it away. */
function startOf(raw: Uint8Array): string {
  const length = Math.min(raw.byteLength, rawBytesMax * 2)
  return Buffer.from(raw.buffer, raw.byteOffset, length).toString('utf8')
}

function maskedValue(value: string): string {
  const quote = /^\\?["']/.exec(value)?.[0] ?? ''
  return quote + mask + (quote !== '' && value.length > quote.length && value.endsWith(quote) ? quote : '')
}

function writtenOut(character: string): string {
  const code = character.codePointAt(0) ?? 0
  if (code > 0xffff) return `\\u{${code.toString(16)}}`
  return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
}

function cutBytes(text: string, bytesMax: number): string {
  const bytes = Buffer.from(text, 'utf8')
  if (bytes.length <= bytesMax) return text
  let end = bytesMax
  // Back to the start of a character: continuation bytes are 10xxxxxx.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--
  return bytes.toString('utf8', 0, end)
}
