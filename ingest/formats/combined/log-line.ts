import { canonicalAddress } from '../../../core/entity/canonical-address.ts'

/** A common or combined log line cut into its parts, escapes undone; `-` stays `-`. */
export interface LogLine {
  readonly virtualHost?: string
  /** Address or, with HostnameLookups, the name of the client. */
  readonly client: string
  readonly user: string
  readonly time: string
  readonly request: string
  readonly status: string
  readonly bytes: string
  readonly referer?: string
  readonly userAgent?: string
  /** What follows the known fields, in order. */
  readonly extras: readonly Extra[]
}

/** A field after the known ones: `0.005`, `"alice"`, `rt=0.005` or `sub="alice"`. */
export interface Extra {
  readonly key?: string
  readonly value: string
}

/** Most fields after the known ones that are read. */
const extrasMax = 64

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
  const numbers = /^ (\d{3}|-) (\d{1,16}|-)(?= |$)/.exec(line.slice(request.end, request.end + 32))
  if (!numbers) return undefined
  const [all, status = '-', bytes = '-'] = numbers
  let at = request.end + all.length
  const referer = line.startsWith(' "', at) ? quoted(line, at + 1) : undefined
  if (referer) at = referer.end
  const userAgent = referer && line.startsWith(' "', at) ? quoted(line, at + 1) : undefined
  if (userAgent) at = userAgent.end
  return {
    ...head,
    time: line.slice(timeStart + 1, timeEnd),
    request: request.text,
    status,
    bytes,
    ...(referer ? { referer: referer.text } : {}),
    ...(userAgent ? { userAgent: userAgent.text } : {}),
    extras: cutExtras(line, at),
  }
}

const syslogPrefix =
  /^(?:<\d{1,3}>)?(?:[A-Z][a-z]{2} [ \d]\d [\d:]{8}|\d{4}-\S{6,40}) \S{1,255} [^\s:]{1,64}: /

/** `client ident user`, with `host:port` before it in the virtual-host form, or a syslog header. */
function cutHead(text: string): Pick<LogLine, 'virtualHost' | 'client' | 'user'> | undefined {
  const parts = text.replace(syslogPrefix, '').split(' ')
  const [first = '', second = '', third = ''] = parts
  const prefixed = parts.length >= 4 && third === '-' && canonicalAddress(second) !== undefined
  if (parts.length < 3 || first === '') return undefined
  const user = parts.slice(prefixed ? 3 : 2).join(' ')
  return prefixed ? { virtualHost: first, client: second, user } : { client: first, user }
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
