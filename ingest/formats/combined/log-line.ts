import { canonicalAddress } from '../../../core/entity/canonical-address.ts'

/** A common or combined log line cut into its parts, escapes undone; `-` stays `-`. */
export interface LogLine {
  readonly virtualHost: string | undefined
  /** Address or, with HostnameLookups, the name of the client. */
  readonly client: string
  readonly user: string
  readonly time: string
  readonly request: string
  readonly status: string
  readonly bytes: string
  readonly referer: string | undefined
  readonly userAgent: string | undefined
  /** What follows the known fields, in order. */
  readonly extras: readonly Extra[]
}

/** A field after the known ones: `0.005`, `"alice"`, `rt=0.005` or `sub="alice"`. */
export interface Extra {
  readonly key?: string
  readonly value: string
}

/** Most fields after the known ones that are read. */
export const extrasMax = 64

/**
 * Cuts a line, or gives `undefined` for text of another kind. Client-written parts can't move the others: quotes in
 * them are escaped (`\"`, `\x22`), so the first `] "` ends the time whatever the user name holds.
 */
export function cutLogLine(line: string): LogLine | undefined {
  const timeEnd = line.indexOf('] "')
  const timeStart = line.lastIndexOf('[', timeEnd)
  if (timeEnd < 0 || timeStart < 5) return undefined
  const head = cutHead(line.slice(0, timeStart - 1))
  const request = quoted(line, timeEnd + 2)
  if (!head || !request) return undefined
  const statusAt = request.end + 1
  const bytesAt = statusAt + 4
  const space = line.indexOf(' ', bytesAt)
  const status = line.slice(statusAt, bytesAt - 1)
  const bytes = line.slice(bytesAt, space < 0 ? line.length : space)
  if (!areNumbers(line, request.end, status, bytes)) return undefined
  let at = bytesAt + bytes.length
  const referer = line.startsWith(' "', at) ? quoted(line, at + 1) : undefined
  if (referer) at = referer.end
  const userAgent = referer && line.startsWith(' "', at) ? quoted(line, at + 1) : undefined
  if (userAgent) at = userAgent.end
  // Written out field by field: this runs for every line, and spreading objects costs more than all cutting.
  return {
    virtualHost: head.virtualHost,
    client: head.client,
    user: head.user,
    time: line.slice(timeStart + 1, timeEnd),
    request: request.text,
    status,
    bytes,
    referer: referer?.text,
    userAgent: userAgent?.text,
    extras: at < line.length ? cutExtras(line, at) : noExtras,
  }
}

const noExtras: readonly Extra[] = []
const statusShape = /^\d{3}$/
const bytesShape = /^(?:\d{1,16}|-)$/

/** Status and bytes stand one space apart after the request; a status is three digits. */
function areNumbers(line: string, from: number, status: string, bytes: string): boolean {
  const spaced = line[from] === ' ' && line[from + 4] === ' '
  return spaced && statusShape.test(status) && bytesShape.test(bytes)
}

const syslogPrefix =
  /^(?:<\d{1,3}>)?(?:[A-Z][a-z]{2} [ \d]\d [\d:]{8}|\d{4}-\S{6,40}) \S{1,255} [^\s:]{1,64}: /

/** `client ident user`, with `host:port` before it in the virtual-host form, or a syslog header. */
function cutHead(text: string): Pick<LogLine, 'virtualHost' | 'client' | 'user'> | undefined {
  const plain = text.includes(': ') ? text.replace(syslogPrefix, '') : text
  const parts = plain.split(' ')
  const [first = '', second = '', third = ''] = parts
  if (parts.length < 3 || first === '') return undefined
  const prefixed = parts.length >= 4 && third === '-' && canonicalAddress(second) !== undefined
  if (prefixed) return { virtualHost: first, client: second, user: parts.slice(3).join(' ') }
  return {
    virtualHost: undefined,
    client: first,
    user: parts.length === 3 ? third : parts.slice(2).join(' '),
  }
}

function cutExtras(line: string, from: number): readonly Extra[] {
  const extras: Extra[] = []
  let at = from
  while (at < line.length && extras.length < extrasMax) {
    if (line[at] === ' ') {
      at += 1
      continue
    }
    const key = /^([A-Za-z_][\w.-]{0,63})=/.exec(line.slice(at, at + 66))?.[1]
    if (key !== undefined) at += key.length + 1
    const text = line[at] === '"' ? quoted(line, at) : undefined
    const space = line.indexOf(' ', at)
    const end = text?.end ?? (space < 0 ? line.length : space)
    const value = text?.text ?? line.slice(at, end)
    extras.push(key === undefined ? { value } : { key, value })
    at = end
  }
  return extras
}

/** The quoted text that opens at `start`, and where the line goes on; a missing end quote is no field. */
function quoted(line: string, start: number): { readonly text: string; readonly end: number } | undefined {
  let end = line.indexOf('"', start + 1)
  // Most texts hold no backslash: then the next quote is the end.
  for (let from = start + 1; end > 0; ) {
    const backslash = line.indexOf('\\', from)
    if (backslash < 0 || backslash > end) break
    from = backslash + 2
    if (from > end) end = line.indexOf('"', from)
  }
  if (end < 0) return undefined
  const text = line.slice(start + 1, end)
  return { text: text.includes('\\') ? unescaped(text) : text, end: end + 1 }
}

const escapes = /(?:\\x[0-9A-Fa-f]{2})+|\\(.)/g
const controls: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', v: '\v' }

/** Undoes nginx's `\xHH` (bytes, together one UTF-8 text) and Apache's `\"`, `\\`, `\n`. */
function unescaped(text: string): string {
  return text.replace(escapes, (run: string, character: string | undefined) => {
    if (character !== undefined) return controls[character] ?? character
    return Buffer.from(run.replaceAll('\\x', ''), 'hex').toString('utf8')
  })
}
