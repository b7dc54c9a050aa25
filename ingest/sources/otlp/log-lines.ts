import { setImmediate as turn } from 'node:timers/promises'
import type { RawRecord } from '../../../core/ports/source.ts'
import { textRecord } from '../pushed/text-record.ts'
import { type Attributes, addAttributes, plainValue } from './attributes.ts'
import type { LogRecord } from './logs-message.ts'
import { type ConventionOptions, conventionalFields } from './semantic-conventions.ts'
import type { ToldRecord } from './told-records.ts'
import { TooMuch } from './too-much.ts'

export interface LogLineOptions extends ConventionOptions {
  /** `attributes`: records become canonical events. `body`: bodies are lines of the source's format. */
  readonly from: 'attributes' | 'body'
}

/** Each record repeats what its resource says, so a small body could become lines of any size. */
const linesBytesMax = 64e6
/** Whoever else has work waits no longer than this for the lines of a request, milliseconds. */
const turnEveryMs = 10

/**
 * Records as lines, their places as offsets, with turns for all other work in between. Rejects with `TooMuch` for more than
 * `countMax`, or than 64 MB of lines, and with whatever the records throw.
 */
export async function logLines(
  told: Iterable<ToldRecord>,
  options: LogLineOptions,
  countMax: number,
): Promise<RawRecord[]> {
  const records: RawRecord[] = []
  let bytes = 0
  let begun = performance.now()
  for (const one of told) {
    if (records.length >= countMax) throw new TooMuch(`more than ${countMax} log records`)
    const line = lineOf(one, options)
    bytes += Buffer.byteLength(line)
    if (bytes > linesBytesMax) throw new TooMuch(`more than ${linesBytesMax / 1e6} MB of log records`)
    records.push(textRecord(line, records.length))
    if (performance.now() - begun < turnEveryMs) continue
    await turn()
    begun = performance.now()
  }
  return records
}

/** What can't be looked at becomes a line that is refused, so that nothing is dropped unsaid. */
function lineOf({ record, common }: ToldRecord, options: LogLineOptions): string {
  if (record === undefined) return '(a log record of too many values)'
  return options.from === 'body' ? bodyLine(record) : eventLine(record, common, options)
}

/** A body without content becomes a line that is refused, so that nothing is dropped unsaid. */
function bodyLine({ body }: LogRecord): string {
  const value = plainValue(body)
  if (typeof value === 'string') return value.trim() === '' ? '(no body)' : value
  return value === undefined ? '(no body)' : JSON.stringify(value)
}

function eventLine(record: LogRecord, common: Attributes, options: ConventionOptions): string {
  const attributes: Attributes = new Map()
  addAttributes(attributes, record.attributes)
  addAttributes(attributes, record.body?.kvlistValue?.values)
  const time = milliseconds(record.timeUnixNano) ?? milliseconds(record.observedTimeUnixNano)
  const trace = traceOf(record.traceId)
  return JSON.stringify({
    ...conventionalFields((name) => attributes.get(name) ?? common.get(name), options),
    ...(trace !== undefined && { trace }),
    ...(time !== undefined && { time }),
  })
}

/** `undefined` for 0, which stands for unknown, and for what is no number. */
function milliseconds(nanoseconds: unknown): number | undefined {
  const digits = typeof nanoseconds === 'number' ? String(nanoseconds) : nanoseconds
  if (typeof digits !== 'string' || !/^\d{1,20}$/.test(digits)) return undefined
  const time = Number(digits.slice(0, -6))
  return time > 0 ? time : undefined
}

function traceOf(traceId: unknown): string | undefined {
  const hex = traceId instanceof Uint8Array ? Buffer.from(traceId).toString('hex') : traceId
  if (typeof hex !== 'string' || !/^[0-9a-f]{32}$/i.test(hex) || /^0+$/.test(hex)) return undefined
  return hex.toLowerCase()
}
