import { readFileSync, statSync } from 'node:fs'
import { textLengthMax, tooLong } from './yaml/text-limits.ts'

export type ReadText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly why: string; readonly hint?: string }

/** A UTF-8 text file of bounded size, without its byte order mark. Never throws; `why` and `hint` are sentences for a person. */
export function readText(path: string): ReadText {
  try {
    const stat = statSync(path)
    if (!stat.isFile()) return { ok: false, why: 'is no file' }
    // At most four bytes are one code unit too many for the limit on the text.
    if (stat.size > textLengthMax * 4) return { ok: false, ...tooLong }
    const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path))
    return { ok: true, text }
  } catch (error) {
    return { ok: false, ...whyOf(error) }
  }
}

function whyOf(error: unknown): { readonly why: string; readonly hint?: string } {
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'ENOENT' || code === 'ENOTDIR') return { why: 'there is no such file' }
  if (code === 'EACCES' || code === 'EPERM') return { why: 'may not be read' }
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') {
    return { why: 'is not UTF-8 text', hint: 'save it as UTF-8, or name another file' }
  }
  return { why: `can't be read (${code ?? 'unknown error'})` }
}
