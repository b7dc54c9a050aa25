import type { IncomingHttpHeaders } from 'node:http'
import type { RawRecord } from '../../../core/ports/source.ts'
import { recordsMax } from '../http/cut-body.ts'
import type { Answer, Endpoint } from '../http/endpoint.ts'
import { HttpProblem } from '../http/http-problem.ts'
import { type LogLineOptions, logLines } from './log-lines.ts'
import { type LogsRequest, logsCodec } from './logs-message.ts'

const protobuf = 'application/x-protobuf'
const json = 'application/json'

/** `POST /v1/logs`: OTLP/HTTP, Protobuf and JSON, answered as the specification says. Reads a file: call it at start. */
export function logsEndpoint(options: LogLineOptions): Endpoint {
  const codec = logsCodec()
  const answer = (headers: IncomingHttpHeaders, bytes: () => Buffer, object: object): Answer =>
    contentType(headers) === protobuf
      ? { contentType: protobuf, body: bytes() }
      : { contentType: json, body: JSON.stringify(object) }
  return {
    path: '/v1/logs',
    isKeyed: true,
    check(headers) {
      if (contentType(headers) !== undefined) return
      throw new HttpProblem(415, `send ${protobuf} or ${json}`, { accept: `${protobuf}, ${json}` })
    },
    cut(body, headers) {
      const request = parsed(() => (contentType(headers) === protobuf ? codec.decode(body) : parseJson(body)))
      return limited(() => logLines(request, options, recordsMax))
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
  const value: unknown = body.length === 0 ? {} : JSON.parse(body.toString('utf8'))
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw new Error('it is no object')
}

function parsed(parse: () => LogsRequest): LogsRequest {
  try {
    return parse()
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new HttpProblem(400, `the body is no ExportLogsServiceRequest: ${why.slice(0, 200)}`)
  }
}

function limited(cut: () => readonly RawRecord[]): readonly RawRecord[] {
  try {
    return cut()
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new HttpProblem(413, `the body holds ${error.message}: send them in parts`)
  }
}
