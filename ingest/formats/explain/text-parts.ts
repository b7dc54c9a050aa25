import { standardColumns } from '../cloudfront/extended-log.ts'
import type { FormatId } from '../formats.ts'
import type { Piece } from '../line-piece.ts'
import { commonLogPieces } from '../traefik/common-log.ts'
import type { LinePart } from './line-part.ts'

/** The parts of a line of text: columns where tabs part them, else the fields of a common log. */
export function textParts(format: FormatId, line: string, columns: string | undefined): LinePart[] {
  return piecesOf(format, line, columns).map(({ key, start, end }) => {
    const value = line.slice(start, end)
    const spliced = (text: string) => line.slice(0, start) + text + line.slice(end)
    return {
      key,
      value,
      without: () => spliced(nothingFor(key, value)),
      replaced: (other) =>
        other === value || (typeof other === 'string' && !/[\s"[\]]/.test(other))
          ? spliced(String(other))
          : undefined,
      alone: () => undefined,
    }
  })
}

function piecesOf(format: FormatId, line: string, columns: string | undefined): readonly Piece[] {
  if (format === 'cloudfront') return tabbed(line, columns?.trim().split(/\s+/) ?? standardColumns)
  return format === 'traefik' ? commonLogPieces(line) : common(line)
}

/** What stands for nothing in a part that a line can't do without. */
function nothingFor(key: string, value: string): string {
  if (key === 'status' && /^\d{3}$/.test(value)) return '000'
  if (key === 'request') return 'PROBE /- HTTP/1.1'
  if (key === 'duration') return value === '0' ? '1' : '0'
  return '-'
}

function tabbed(line: string, names: readonly string[]): Piece[] {
  let start = 0
  return line.split('\t').map((value, index) => {
    const piece = { key: names[index] ?? `column ${index + 1}`, start, end: start + value.length }
    start = piece.end + 1
    return piece
  })
}

/** `[time]`, `"text"` (content only), `key=value`, or what stands between blanks. */
const token = /\[([^\]]*)\]|"((?:[^"\\]|\\.)*)"|([A-Za-z_][\w.-]{0,63})=(?:"((?:[^"\\]|\\.)*)"|(\S*))|(\S+)/g
const behind = ['request', 'status', 'size', 'referrer', 'user agent']

function common(line: string): Piece[] {
  const tokens = [...line.matchAll(token)]
  const time = tokens.findIndex((match) => match[1] !== undefined)
  if (time < 0) return []
  const before = ['user', 'ident', 'client']
  return tokens.map((match, index) => {
    const text = match[1] ?? match[2] ?? match[4] ?? match[5] ?? match[6] ?? ''
    const end = match.index + match[0].length - (/["\]]$/.test(match[0]) && match[6] === undefined ? 1 : 0)
    const start = end - text.length
    if (index < time) return { key: before[time - index - 1] ?? 'virtual host', start, end }
    if (index === time) return { key: 'time', start, end }
    const place = index - time - 1
    const extra = place - behind.length
    return { key: behind[place] ?? match[3] ?? String(extra), start, end }
  })
}
