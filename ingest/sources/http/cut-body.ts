import type { RawRecord } from '../../../core/ports/source.ts'
import { LineSplitter } from '../lines/line-splitter.ts'
import { HttpProblem } from './http-problem.ts'
import { jsonValues, tooMany } from './json-values.ts'

/** Most records of a request: each costs memory beyond its bytes. */
export const recordsMax = 50_000

/** How a body is cut: JSON of any kind, lines of JSON, or lines of whatever format the source has. */
export type BodyKind = 'json' | 'ndjson' | 'text'

const kinds = new Map<string, BodyKind>([
  ['application/json', 'json'],
  ['application/x-ndjson', 'ndjson'],
  ['application/ndjson', 'ndjson'],
  ['application/jsonl', 'ndjson'],
  ['application/x-jsonlines', 'ndjson'],
  ['application/json-lines', 'ndjson'],
  ['text/plain', 'text'],
])

/** How a body of that Content-Type is cut. Throws `HttpProblem` 415. */
export function bodyKind(contentType: string | undefined): BodyKind {
  const [type = '', ...parameters] = (contentType ?? '').toLowerCase().split(';')
  const kind = kinds.get(type.trim())
  if (kind === undefined) {
    const message =
      'set Content-Type: application/x-ndjson for one event a line, application/json for an array of events, or text/plain for lines of a log'
    throw new HttpProblem(415, message, { accept: [...kinds.keys()].join(', ') })
  }
  const charset = parameters.find((parameter) => parameter.trim().startsWith('charset='))
  if (charset !== undefined && !/^charset="?(utf-?8|us-ascii)"?$/.test(charset.trim())) {
    throw new HttpProblem(415, 'send UTF-8')
  }
  return kind
}

/** The records of a body, their places as offsets. Throws `HttpProblem` 400 and 413, for the whole body. */
export function cutBody(body: Buffer, kind: BodyKind): readonly RawRecord[] {
  if (kind === 'json' || (kind === 'ndjson' && beginsArray(body))) return jsonValues(body, recordsMax)
  // Before any record is made: a body of line ends alone would cost a hundred times its size.
  if (isMoreThan(body, recordsMax)) throw new HttpProblem(413, tooMany(recordsMax))
  const splitter = new LineSplitter(0)
  const records = [...splitter.push(body), ...splitter.end()]
  return records.map((record, offset) => ({ ...record, offset }))
}

function beginsArray(body: Buffer): boolean {
  for (const byte of body) {
    if (byte === 0x5b) return true
    if (byte > 0x20) return false
  }
  return false
}

function isMoreThan(body: Buffer, lines: number): boolean {
  let count = 0
  for (let end = body.indexOf(0x0a); end !== -1; end = body.indexOf(0x0a, end + 1)) {
    if (++count > lines) return true
  }
  return false
}
