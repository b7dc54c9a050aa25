// What decoding costs beside a bare loop of JSON.parse over the same events: `npx tsx bench/decode.ts`.
import { performance } from 'node:perf_hooks'
import { stdout } from 'node:process'
import { pathToFileURL } from 'node:url'
import { wantedFields } from '../cli/runtime/wanted-fields.ts'
import type { Event } from '../core/event/event.ts'
import { EventRecord } from '../core/event/event-record.ts'
import { detectors } from '../detectors/detectors.ts'
import { openFormat } from '../ingest/formats/format-options.ts'
import type { FormatId } from '../ingest/formats/formats.ts'
import { median } from './rounds.ts'
import { gatewayLine } from './workloads/gateway-line.ts'
import { workloads } from './workloads/workloads.ts'

export interface DecodeFigure {
  readonly linesPerSecond: number
  /** The bare loop over the same lines; for `combined` over the canonical lines of the same events. */
  readonly referenceLinesPerSecond: number
  readonly ratio: number
  /** Share of the lines that were read straight from their bytes. */
  readonly projectedShare: number
}

/** Lines end to end, as a file holds them. */
interface Lines {
  readonly bytes: Buffer
  /** Start and end of each line, in turns. */
  readonly bounds: Int32Array
}

/** The formats measured: others are read by the same two readers as these. */
const measured = ['canonical', 'envoy', 'nginx-json', 'combined'] as const satisfies readonly FormatId[]
type Measured = (typeof measured)[number]

/** Records in use at once: about a chunk of a file. */
const batchSize = 512

/**
 * Lines decoded a second with the fields that the shipped detectors read, by format, beside bare `JSON.parse`. Lines and
 * texts are warm; the two take turns, and the medians of the rounds count.
 */
export function decodeRatio(count = 20_000, rounds = 15): Readonly<Record<Measured, DecodeFigure>> {
  const events = take(workloads.mixed.events({ seed: 1, count }), count)
  const wanted = wantedFields(
    detectors.map((detector) => ({ detector, config: {} })),
    false,
  )
  const records = Array.from({ length: batchSize }, () => new EventRecord())
  const reference = linesOf(events.map((event) => lineOf.canonical(event)))
  const figures = measured.map((format) => {
    const lines = linesOf(events.map((event) => lineOf[format](event)))
    const counts = { projected: 0, parsed: 0 }
    const decode = openFormat(format, {}, wanted, counts)
    const bare = format === 'combined' ? reference : lines
    const ours: number[] = []
    const theirs: number[] = []
    for (let round = 0; round < rounds + 3; round++) {
      const mine = timed(() => {
        for (let line = 0; line < count; line++) {
          const record = records[line % batchSize] as EventRecord
          decode(lines.bytes, lines.bounds[line * 2] as number, lines.bounds[line * 2 + 1] as number, record)
        }
      })
      const parsed = timed(() => parseAll(bare, count))
      // The first rounds warm up.
      if (round < 3) continue
      ours.push(mine)
      theirs.push(parsed)
    }
    const linesPerSecond = (count * 1000) / median(ours)
    const referenceLinesPerSecond = (count * 1000) / median(theirs)
    const figure: DecodeFigure = {
      linesPerSecond,
      referenceLinesPerSecond,
      ratio: linesPerSecond / referenceLinesPerSecond,
      projectedShare: counts.projected / (counts.projected + counts.parsed),
    }
    return [format, figure] as const
  })
  return Object.fromEntries(figures) as Record<Measured, DecodeFigure>
}

function parseAll({ bytes, bounds }: Lines, count: number): void {
  let touched = 0
  for (let line = 0; line < count; line++) {
    const text = bytes.toString('utf8', bounds[line * 2], bounds[line * 2 + 1])
    touched += typeof JSON.parse(text) === 'object' ? 1 : 0
  }
  if (touched !== count) throw new Error(`${count - touched} lines are no objects`)
}

function timed(work: () => void): number {
  const started = performance.now()
  work()
  return performance.now() - started
}

function take(events: Iterable<Event>, count: number): Event[] {
  const taken: Event[] = []
  for (const event of events) {
    taken.push(event)
    if (taken.length === count) break
  }
  return taken
}

function linesOf(texts: readonly string[]): Lines {
  const bytes = Buffer.from(texts.map((text) => `${text}\n`).join(''))
  const bounds = new Int32Array(texts.length * 2)
  let from = 0
  for (let line = 0; line < texts.length; line++) {
    const end = bytes.indexOf(0x0a, from)
    bounds[line * 2] = from
    bounds[line * 2 + 1] = end
    from = end + 1
  }
  return { bytes, bounds }
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** An event as a line of each format, with the keys that the formats' guides recommend. */
const lineOf: Readonly<Record<Measured, (event: Event) => string>> = {
  canonical: (event) => gatewayLine(event).trimEnd(),
  envoy: (event) =>
    JSON.stringify({
      start_time: new Date(event.time).toISOString(),
      request_id: event.trace ?? '-',
      method: event.method ?? 'GET',
      authority: event.host ?? '-',
      x_envoy_original_path: event.path ?? '/',
      path: '-',
      response_code: event.status ?? 0,
      response_code_details: 'via_upstream',
      response_flags: '-',
      duration: event.latency_ms ?? 0,
      bytes_received: event.bytes_in ?? 0,
      bytes_sent: event.bytes_out ?? 0,
      downstream_remote_address: `${event['client.ip'] ?? '192.0.2.1'}:443`,
      user_agent: event['client.user_agent'] ?? '-',
      ja4: event['client.ja4'] ?? '-',
      jwt_payload: event['principal.id'] ? { sub: event['principal.id'], jti: event['token.jti'] } : null,
      upstream_cluster: 'shop',
    }),
  'nginx-json': (event) =>
    JSON.stringify({
      msec: (event.time / 1000).toFixed(3),
      request_id: event.trace ?? '-',
      remote_addr: event['client.ip'] ?? '192.0.2.1',
      remote_user: event['principal.id'] ?? '',
      request_method: event.method ?? 'GET',
      host: event.host ?? 'shop.example',
      request_uri: event.path ?? '/',
      status: String(event.status ?? 0),
      body_bytes_sent: String(event.bytes_out ?? 0),
      request_length: String(event.bytes_in ?? 0),
      request_time: ((event.latency_ms ?? 0) / 1000).toFixed(3),
      http_referer: '',
      http_user_agent: event['client.user_agent'] ?? '',
      ssl_ja4: event['client.ja4'] ?? '',
    }),
  combined: (event) => {
    const iso = new Date(event.time).toISOString()
    const month = months[Number(iso.slice(5, 7)) - 1]
    const stamp = `${iso.slice(8, 10)}/${month}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`
    const request = `${event.method ?? 'GET'} ${event.path ?? '/'} HTTP/1.1`
    return (
      `${event['client.ip'] ?? '192.0.2.1'} - ${event['principal.id'] ?? '-'} [${stamp}] ` +
      `"${request}" ${event.status ?? 200} ${event.bytes_out ?? 0} "-" "${event['client.user_agent'] ?? '-'}" ` +
      `rt=${((event.latency_ms ?? 0) / 1000).toFixed(3)}`
    )
  },
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const [format, figure] of Object.entries(decodeRatio())) {
    const { linesPerSecond, ratio, projectedShare } = figure
    const rate = `${Math.round(linesPerSecond / 1000)} k lines/s`.padStart(14)
    stdout.write(
      `${format.padEnd(10)} ${rate}  ${ratio.toFixed(2)} × JSON.parse  ${(projectedShare * 100).toFixed(1)}% from bytes\n`,
    )
  }
}
