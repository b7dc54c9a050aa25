import type { Buffer } from 'node:buffer'

const text = String.fromCharCode as (...codes: readonly (number | undefined)[]) => string

/**
 * The text of ASCII bytes `b` from `at` to before `end`. Short ones are put together here: a call into the runtime
 * costs more than sixteen characters do.
 */
export function asciiText(b: Buffer, at: number, end: number): string {
  // biome-ignore format: a line a length
  switch (end - at) {
    case 0: return ''
    case 1: return text(b[at])
    case 2: return text(b[at], b[at + 1])
    case 3: return text(b[at], b[at + 1], b[at + 2])
    case 4: return text(b[at], b[at + 1], b[at + 2], b[at + 3])
    case 5: return text(b[at], b[at + 1], b[at + 2], b[at + 3], b[at + 4])
    case 6: return text(b[at], b[at + 1], b[at + 2], b[at + 3], b[at + 4], b[at + 5])
    case 7: return text(b[at], b[at + 1], b[at + 2], b[at + 3], b[at + 4], b[at + 5], b[at + 6])
    case 8: return text(b[at], b[at + 1], b[at + 2], b[at + 3], b[at + 4], b[at + 5], b[at + 6], b[at + 7])
    case 9: return text(b[at], b[at + 1], b[at + 2], b[at + 3], b[at + 4], b[at + 5], b[at + 6], b[at + 7], b[at + 8])
    case 10: return text(b[at], b[at + 1], b[at + 2], b[at + 3], b[at + 4], b[at + 5], b[at + 6], b[at + 7], b[at + 8], b[at + 9])
    case 11: return text(b[at], b[at + 1], b[at + 2], b[at + 3], b[at + 4], b[at + 5], b[at + 6], b[at + 7], b[at + 8], b[at + 9], b[at + 10])
    case 12: return text(b[at], b[at + 1], b[at + 2], b[at + 3], b[at + 4], b[at + 5], b[at + 6], b[at + 7], b[at + 8], b[at + 9], b[at + 10], b[at + 11])
    case 13: return text(b[at], b[at + 1], b[at + 2], b[at + 3], b[at + 4], b[at + 5], b[at + 6], b[at + 7], b[at + 8], b[at + 9], b[at + 10], b[at + 11], b[at + 12])
    case 14: return text(b[at], b[at + 1], b[at + 2], b[at + 3], b[at + 4], b[at + 5], b[at + 6], b[at + 7], b[at + 8], b[at + 9], b[at + 10], b[at + 11], b[at + 12], b[at + 13])
    case 15: return text(b[at], b[at + 1], b[at + 2], b[at + 3], b[at + 4], b[at + 5], b[at + 6], b[at + 7], b[at + 8], b[at + 9], b[at + 10], b[at + 11], b[at + 12], b[at + 13], b[at + 14])
    case 16: return text(b[at], b[at + 1], b[at + 2], b[at + 3], b[at + 4], b[at + 5], b[at + 6], b[at + 7], b[at + 8], b[at + 9], b[at + 10], b[at + 11], b[at + 12], b[at + 13], b[at + 14], b[at + 15])
    default: return b.toString('latin1', at, end)
  }
}
