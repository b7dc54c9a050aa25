import type { EventField } from '../../core/event/event-fields.ts'

/** Longest record decoded; a gateway's request line and headers fit many times over. */
export const lineBytesMax = 65_536

/** Deepest nesting of a JSON record; canonical events nest two deep, JWT claims in metadata about six. */
export const depthMax = 32

/** Longest key that is remembered with its meaning, in characters: those that have one are far shorter. */
export const keyLengthMax = 256

/** Longest text that could only be an id, name or code: what `canonicalId` keeps. */
const nameLengthMax = 256

/** Most entries of a list such as roles or audience; tokens with more exist only to cost memory. */
export const textsMax = 64

/** Longest path kept, without its query. Servers refuse request lines above 8 KiB; routes need far less. */
export const pathLengthMax = 2048

/** Longest request target read before its query is taken off. */
export const targetLengthMax = 8192

const lengths: { readonly [F in EventField]?: number } = {
  path: targetLengthMax,
  route: 512,
  method: 32,
  'client.user_agent': 2048,
  'client.country': 8,
  'auth.reason': 512,
  'policy.reason': 512,
  'token.error': 512,
}

/** Most characters of a text field that are kept; longer text is cut, never refused. */
export function lengthMax(field: EventField): number {
  return lengths[field] ?? nameLengthMax
}
