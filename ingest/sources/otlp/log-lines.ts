import type { RawRecord } from '../../../core/ports/source.ts'
import { textRecord } from '../pushed/text-record.ts'
import { type Attributes, addAttributes, plainValue } from './attributes.ts'
import type { LogRecord, LogsRequest } from './logs-message.ts'
import { type ConventionOptions, conventionalFields } from './semantic-conventions.ts'

export interface LogLineOptions extends ConventionOptions {
  /** `attributes`: records become canonical events. `body`: bodies are lines of the source's format. */
  readonly from: 'attributes' | 'body'
}

/** Each record repeats what its resource says, so a small body could become lines of any size. */
const linesBytesMax = 64e6

/**
 * The records of a request as lines, their places as offsets. Parts of the wrong type are passed over. Throws
 * `RangeError` for more than `countMax`, or than 64 MB of lines.
 */
export function logLines(request: LogsRequest, options: LogLineOptions, countMax: number): RawRecord[] {
  const records: RawRecord[] = []
  let bytes = 0
  for (const { resource, scopeLogs } of objects(request.resourceLogs)) {
    const common: Attributes = new Map()
    addAttributes(common, (resource as { readonly attributes?: unknown } | undefined)?.attributes)
    for (const { logRecords } of objects(scopeLogs)) {
      for (const record of objects(logRecords) as readonly LogRecord[]) {
        if (records.length >= countMax) throw new RangeError(`more than ${countMax} log records`)
        const line = options.from === 'body' ? bodyLine(record) : eventLine(record, common, options)
        bytes += Buffer.byteLength(line)
        if (bytes > linesBytesMax) throw new RangeError(`more than ${linesBytesMax / 1e6} MB of log records`)
        records.push(textRecord(line, records.length))
      }
    }
  }
  return records
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

function objects(list: unknown): readonly Record<string, unknown>[] {
  if (!Array.isArray(list)) return []
  return list.filter((one) => typeof one === 'object' && one !== null)
}
