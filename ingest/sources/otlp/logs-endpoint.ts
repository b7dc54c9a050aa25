import type { IncomingHttpHeaders } from 'node:http'
import type { RawRecord } from '../../../core/ports/source.ts'
import { recordsMax } from '../http/cut-body.ts'
import type { Answer, Endpoint } from '../http/endpoint.ts'
import { HttpProblem } from '../http/http-problem.ts'
import { jsonHoldsMoreThan } from './json-size.ts'
import { type LogLineOptions, logLines } from './log-lines.ts'
import { type LogsRequest, logsCodec } from './logs-message.ts'
import { packedRecords, toldRecords } from './told-records.ts'
import { TooMuch } from './too-much.ts'

const protobuf = 'application/x-protobuf'
const json = 'application/json'
/** More than 20 MB of records with attributes have. */
const jsonValuesMax = 2_000_000

/** `POST /v1/logs`: OTLP/HTTP, Protobuf and JSON, answered as the specification says. Reads a file: call it at start. */
export function logsEndpoint(options: LogLineOptions): Endpoint {
  const codec = logsCodec()
  const answer = (headers: IncomingHttpHeaders, bytes: () => Buffer, object: object): Answer =>
    contentType(headers) === protobuf
      ? { contentType: protobuf, body: bytes() }
      : { contentType: json, body: JSON.stringify(object) }
  let turn: Promise<void> = Promise.resolve()
  async function cut(body: Buffer, isPacked: boolean): Promise<readonly RawRecord[]> {
    try {
      const records = isPacked ? packedRecords(body, codec, recordsMax) : toldRecords(parseJson(body))
      return await logLines(records, options, recordsMax)
    } catch (error) {
      throw problemOf(error)
    }
  }
  return {
    path: '/v1/logs',
    isKeyed: true,
    check(headers) {
      if (contentType(headers) !== undefined) return
      throw new HttpProblem(415, `send ${protobuf} or ${json}`, { accept: `${protobuf}, ${json}` })
    },
    cut(body, headers) {
      // One after the other: the lines of a request take more room than its body, and are not counted before they are all there.
      const lines = turn.then(() => cut(body, contentType(headers) === protobuf))
      turn = lines.then(ignore, ignore)
      return lines
    },
    stored({ refused }, headers) {
      const response =
        refused === 0
          ? {}
          : { partialSuccess: { rejectedLogRecords: String(refused), errorMessage: rejected } }
      return answer(headers, () => codec.encodeResponse(response), response)
    },
    refused: ({ message }, headers) => answer(headers, () => codec.encodeFailure({ message }), { message }),
  }
}

const rejected =
  'these are no events: `picket dead-letters list` shows them with the reasons; do not send them again'

function contentType(headers: IncomingHttpHeaders): typeof protobuf | typeof json | undefined {
  const [type = ''] = (headers['content-type'] ?? '').toLowerCase().split(';')
  return [protobuf, json].find((known) => known === type.trim()) as typeof json | undefined
}

function parseJson(body: Buffer): LogsRequest {
  if (jsonHoldsMoreThan(jsonValuesMax, body)) throw new TooMuch(`more than ${jsonValuesMax} values`)
  const value: unknown = body.length === 0 ? {} : JSON.parse(body.toString('utf8'))
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw new Error('it is no object')
}

function problemOf(error: unknown): HttpProblem {
  const why = error instanceof Error ? error.message : String(error)
  if (error instanceof TooMuch) return new HttpProblem(413, `the body holds ${why}: send them in parts`)
  return new HttpProblem(400, `the body is no ExportLogsServiceRequest: ${why.slice(0, 200)}`)
}

function ignore(): void {}
