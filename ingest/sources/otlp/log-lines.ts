import type { RawRecord } from '../../../core/ports/source.ts'
import { textRecord } from '../pushed/text-record.ts'
import { type Attributes, addAttributes, plainValue } from './attributes.ts'
import type { KeyValue, LogRecord, LogsRequest } from './logs-message.ts'
import { type ConventionOptions, conventionalFields } from './semantic-conventions.ts'

export interface LogLineOptions extends ConventionOptions {
  /** `attributes`: records become canonical events. `body`: bodies are lines of the source's format. */
  readonly from: 'attributes' | 'body'
}

/** The records of a request as lines, their places as offsets. Parts of the wrong type are passed over. */
export function logLines(request: LogsRequest, options: LogLineOptions, countMax: number): RawRecord[] {
  const records: RawRecord[] = []
  for (const { resource, scopeLogs } of objects(request.resourceLogs)) {
    const common = (resource as { readonly attributes?: unknown } | undefined)?.attributes
    for (const { logRecords } of objects(scopeLogs)) {
      for (const record of objects(logRecords) as readonly LogRecord[]) {
        if (records.length >= countMax) throw new RangeError(`more than ${countMax} log records`)
        const line = options.from === 'body' ? bodyLine(record) : eventLine(record, common, options)
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

function eventLine(record: LogRecord, common: unknown, options: ConventionOptions): string {
  const attributes: Attributes = new Map()
  addAttributes(attributes, record.attributes)
  addAttributes(attributes, record.body?.kvlistValue?.values)
  addAttributes(attributes, common as readonly KeyValue[] | undefined)
  const time = milliseconds(record.timeUnixNano) ?? milliseconds(record.observedTimeUnixNano)
  const trace = traceOf(record.traceId)
  return JSON.stringify({
    ...conventionalFields(attributes, options),
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
