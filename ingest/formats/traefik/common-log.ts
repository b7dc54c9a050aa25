import type { Decode, DecodeCounts, Decoded } from '../../../core/event/decoder.ts'
import type { EventField } from '../../../core/event/event-fields.ts'
import { boundedText, refused, timeInvalid } from '../json-object.ts'
import { LineFields } from '../line-fields.ts'
import type { Piece } from '../line-piece.ts'
import { logTime, logTimeReader } from '../log-time.ts'
import { neededPlaces } from '../needed.ts'
import { ownText } from '../own-text.ts'
import { type PathOptions, PathReader } from '../path-facts.ts'
import { projected } from '../projection/projected.ts'

/**
 * `host - user [time] "method path protocol" status size "referrer" "agent" count "router" "url" 5ms`. Traefik writes
 * what clients sent as it is: path and protocol hold no blank, the user name, the referrer and the agent may hold anything.
 */
const head =
  /^([^\s",[\]]+(?:, ?[^\s",[\]]+)*) - ([^\s"[\]]+) \[([^\]"]{1,40})\] "([A-Za-z-]{1,32}) (\S+) [A-Z]+\/[\d.]+" (\d{3}|-) (\d{1,16}|-) /
const tail = / (?:\d+|-) (?:"[^"]*"|-) (?:"[^"]*"|-) (\d{1,12})ms\s*$/

/** What looks like time and request a second time: a user name or an agent was made to look so, and nobody can say which. */
const another = /\[[^\]"]{1,40}\] "[A-Za-z-]{1,32} \S+ [A-Z]+\/[\d.]+" (?:\d{3}|-) /

interface CommonLine {
  /** The head's parts: all, client, user, time, method, path, status, size. */
  readonly parts: RegExpExecArray
  readonly latencyMs: string
  readonly userAgent: string | undefined
}

export interface CommonLogOptions extends PathOptions {
  readonly trusted_hops?: number | undefined
}

/** Decodes Traefik's common log. No field is taken from what stands in quotes but method, path and agent. */
export function commonLogDecoder(
  options: CommonLogOptions,
  wanted?: ReadonlySet<EventField>,
  counts?: DecodeCounts,
): Decode {
  const trustedHops = options.trusted_hops ?? 0
  const readTime = logTimeReader()
  const fields = new LineFields({ paths: new PathReader(options), trustedHops, needed: neededPlaces() })

  function parse(line: Uint8Array, event: Parameters<Decode>[3]): Decoded {
    const bounded = boundedText(line)
    if (bounded.outcome !== 'text') return bounded.decoded
    const cut = cutLine(bounded.text)
    if (cut === undefined) {
      return refused(
        'not_parsable',
        'expected host - user [time] "request" status size "referrer" "agent" count "router" "url" 1ms; a user name or an agent that looks like a part of the line fits only format: json',
      )
    }
    const [, client = '', , text = '', method = '', path = '', status = '', size = ''] = cut.parts
    const time = readTime(text)
    if (time === undefined) return timeInvalid(text)
    fields.begin(event)
    fields.takeKnown('vantage', 'edge', 10)
    fields.takeKnown('gateway', 'traefik', 10)
    fields.take('client.ip', ownText(client))
    fields.take('x_forwarded_for', ownText(client))
    fields.take('method', ownText(method))
    fields.take('path', ownText(path))
    fields.take('status', status)
    fields.take('bytes_out', size)
    fields.take('latency_ms', cut.latencyMs)
    if (cut.userAgent !== undefined) fields.take('client.user_agent', ownText(cut.userAgent))
    fields.finish(time)
    return 'event'
  }

  // There is no shorter way over the bytes: every line is parsed.
  return projected({ read: () => false }, parse, neededPlaces(wanted), counts)
}

/** How surely a line is of Traefik's common log: what stands behind the agent is like no other's. */
export function commonLogConfidence(line: string): number {
  const cut = cutLine(line)
  return cut !== undefined && logTime(cut.parts[3] ?? '') !== undefined ? 0.97 : 0
}

function cutLine(line: string): CommonLine | undefined {
  const parts = head.exec(line)
  const end = tail.exec(line)
  if (parts === null || end === null || end.index + 1 < parts[0].length) return undefined
  const between = line.slice(parts[0].length, end.index)
  if (another.test(between)) return undefined
  const userAgent = /" "(.*)"$/.exec(between)?.[1]
  return { parts, latencyMs: end[1] ?? '', userAgent }
}

const headNames = ['client', 'user', 'time', 'method', 'path', 'status', 'size']

/** Where the parts of a line stand, as the decoder cuts it; none when it can't. */
export function commonLogPieces(line: string): readonly Piece[] {
  const cut = cutLine(line)
  if (cut === undefined) return []
  let from = 0
  const pieces = headNames.map((key, index): Piece => {
    const text = cut.parts[index + 1] ?? ''
    const start = line.indexOf(text, from)
    from = start + text.length
    return { key, start, end: from }
  })
  const durationEnd = line.lastIndexOf('ms')
  const duration = { key: 'duration', start: durationEnd - cut.latencyMs.length, end: durationEnd }
  const { userAgent } = cut
  if (userAgent === undefined) return [...pieces, duration]
  const start = line.indexOf(`" "${userAgent}" `, from) + 3
  return [...pieces, { key: 'user agent', start, end: start + userAgent.length }, duration]
}
