import { eachField, holdsMoreThan, type MessageShape, type Span } from '../pushed/message-fields.ts'
import { type Attributes, addAttributes } from './attributes.ts'
import type { LogRecord, LogsCodec, LogsRequest, ResourceLogs } from './logs-message.ts'
import { TooMuch } from './too-much.ts'

/** A log record with what its resource says, which is read once however many records it has. */
export interface ToldRecord {
  /** `undefined`: it holds too many values to be looked at. */
  readonly record: LogRecord | undefined
  readonly common: Attributes
}

/** Most values in a record or a resource, nested ones counted: hundreds of times what a request tells. */
const valuesMax = 10_000

/** The records of a decoded request. Parts of the wrong type are passed over. */
export function* toldRecords(request: LogsRequest): Generator<ToldRecord> {
  for (const { resource, scopeLogs } of objects(request.resourceLogs)) {
    const common = commonOf(resource)
    for (const { logRecords } of objects(scopeLogs)) {
      for (const record of objects(logRecords)) yield { record, common }
    }
  }
}

/**
 * The records of a request in bytes of Protobuf, each decoded when it is asked for: as objects a body of tiny messages
 * would take a hundred times its size, at once. Throws `Error` for what is no request, `TooMuch` for more than
 * `countMax` records.
 */
export function* packedRecords(body: Buffer, codec: LogsCodec, countMax: number): Generator<ToldRecord> {
  for (const { resource, records } of resourcesOf(body, countMax)) {
    const isRead = resource && !holdsMoreThan(valuesMax, body, resource, resourceShape)
    const common = commonOf(isRead ? codec.decodeResource(part(body, resource)) : undefined)
    for (const span of records) {
      const isTooMuch = holdsMoreThan(valuesMax, body, span, recordShape)
      yield { record: isTooMuch ? undefined : codec.decodeRecord(part(body, span)), common }
    }
  }
}

interface PackedResource {
  resource: Span | undefined
  readonly records: Span[]
}

/** Where resources and their records lie: all of them are known to be few before any is decoded. */
function resourcesOf(body: Buffer, countMax: number): PackedResource[] {
  const found: PackedResource[] = []
  const counts = { resources: 0, scopes: 0, 'log records': 0 }
  const tellOne = (what: keyof typeof counts) => {
    if (++counts[what] > countMax) throw new TooMuch(`more than ${countMax} ${what}`)
  }
  const eachIn = (span: Span, number: number, tell: (at: Span) => void) =>
    eachField(body, span, (field, at) => {
      if (field === number) tell(at)
    })
  eachIn({ start: 0, end: body.length }, 1, (resourceLogs) => {
    tellOne('resources')
    const one: PackedResource = { resource: undefined, records: [] }
    eachIn(resourceLogs, 1, (at) => (one.resource = at))
    eachIn(resourceLogs, 2, (scopeLogs) => {
      tellOne('scopes')
      eachIn(scopeLogs, 2, (record) => {
        tellOne('log records')
        one.records.push(record)
      })
    })
    found.push(one)
  })
  return found.filter(({ records }) => records.length > 0)
}

// As otlp_logs.proto has them: a value may hold values.
const anyValue = new Map<number, MessageShape>()
const keyValue: MessageShape = new Map([[2, anyValue]])
anyValue.set(5, new Map([[1, anyValue]])).set(6, new Map([[1, keyValue]]))
const resourceShape: MessageShape = new Map([[1, keyValue]])
const recordShape: MessageShape = new Map<number, MessageShape>([
  [5, anyValue],
  [6, keyValue],
])

function commonOf(resource: unknown): Attributes {
  const common: Attributes = new Map()
  addAttributes(common, (resource as ResourceLogs['resource'])?.attributes)
  return common
}

function part(body: Buffer, { start, end }: Span): Buffer {
  return body.subarray(start, end)
}

function objects(list: unknown): readonly Record<string, unknown>[] {
  if (!Array.isArray(list)) return []
  return list.filter((one) => typeof one === 'object' && one !== null)
}
