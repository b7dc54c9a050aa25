import type fc from 'fast-check'
import type { Decoded } from '../../core/event/decoder.ts'
import { eventFieldNames } from '../../core/event/event-fields.ts'
import type { EventRecord } from '../../core/event/event-record.ts'
import { canonicalParser } from '../../ingest/formats/canonical/canonical-parser.ts'
import { combinedParser } from '../../ingest/formats/combined/combined-parser.ts'
import { envoyDialect } from '../../ingest/formats/envoy/envoy.ts'
import { envoyMeanings } from '../../ingest/formats/envoy/key-names.ts'
import type { FormatId } from '../../ingest/formats/formats.ts'
import { jsonLogParser } from '../../ingest/formats/json-log.ts'
import { nginxDialect } from '../../ingest/formats/nginx-json/nginx-json.ts'
import { gateways } from './gateway-subjects.ts'
import { jsonLines } from './hostile-json.ts'
import { logLines } from './hostile-logs.ts'

/** A format under some options: the decoder that reads bytes, and the parser that says what a line means. */
export interface Subject {
  readonly format: FormatId
  readonly options: object
  readonly parse: (line: Uint8Array, event: EventRecord) => Decoded
  readonly lines: fc.Arbitrary<string>
  /** A key that tells the time in milliseconds. */
  readonly timeKey: string
  /** Read straight from its bytes. */
  readonly ordinary: string
}

const inner = [
  'ip',
  'id',
  'jti',
  'aud',
  'tenant',
  'roles',
  'sub',
  'iss',
  'exp',
  'user_agent',
  'decision',
  'zz',
  'b',
  'b.c',
]
const canonicalKeys = [...eventFieldNames, 'client', 'principal', 'token', 'object', 'auth', 'unknown', 'x.y']
const canonicalTimes = [
  '"time":"2026-03-09T08:00:00.251Z"',
  '"time":1773043200000',
  '"time" : "2026-03-09T08:00:00Z"',
  '"time":"9999-12-31T23:59:59-00:01"',
]
const envoyKeys = [
  ...envoyMeanings.keys(),
  'sub',
  'jti',
  'principal_id',
  'Request-Id',
  '%REQ(:METHOD)%',
  'latency_s',
  'a',
  'a.b',
  'other',
]
const envoyTimes = [
  '"start_time":"2026-03-09T08:00:00.251Z"',
  '"ts":1773043200.5',
  '"timestamp":"09/Mar/2026:08:00:00 +0100"',
]
const nginxKeys = [
  ...nginxDialect.meanings.keys(),
  '$status',
  'sub',
  'latency_ms',
  'latency_us',
  'principal_id',
  'other',
]
const nginxTimes = [
  '"msec":"1773043200.123"',
  '"time_iso8601":"2026-03-09T08:00:00+01:00"',
  '"time_local":"09/Mar/2026:08:00:00 +0100"',
]
const mapped = {
  fields: {
    'principal.id': 'jwt.sub',
    'session.id': 'a.b.c',
    trace: 'request_id',
    'token.jti': 'a.b',
    latency_us: 'duration',
  },
  trusted_hops: 1,
  routes: ['/shops/{shop}'],
  query_names: ['id'],
}
const extras = { fields: ['latency_s', 'principal.id', 'x_forwarded_for'], trusted_hops: 1 }

export const subjects: readonly Subject[] = [
  {
    format: 'canonical',
    timeKey: 'time',
    options: {},
    parse: canonicalParser(),
    lines: jsonLines(canonicalKeys, inner, canonicalTimes),
    ordinary:
      '{"time":"2026-03-09T08:00:00.251Z","kind":"http","vantage":"edge","method":"GET","path":"/orders/17","status":200,' +
      '"latency_ms":12.5,"client.ip":"203.0.113.7","principal":{"id":"ann","roles":["admin"]},"token.aud":["a","b"],"x":{"y":[1]}}',
  },
  {
    format: 'envoy',
    timeKey: 'ts',
    options: {},
    parse: jsonLogParser(envoyDialect),
    lines: jsonLines(envoyKeys, inner, envoyTimes),
    ordinary:
      '{"start_time":"2026-03-09T08:00:00.251Z","method":"GET","x_envoy_original_path":"/orders/17?id=2","path":"-",' +
      '"response_code":200,"duration":12,"downstream_remote_address":"203.0.113.7:443","user_agent":"curl/8",' +
      '"jwt_payload":{"provider":{"sub":"ann","aud":["a"],"exp":1773043200}},"response_flags":"-","authz":{"decision":"d"},"x":[1,{}]}',
  },
  {
    format: 'envoy',
    timeKey: 'ts',
    options: mapped,
    parse: jsonLogParser(envoyDialect, mapped),
    lines: jsonLines(envoyKeys, inner, envoyTimes),
    ordinary:
      '{"start_time":"2026-03-09T08:00:00.251Z","jwt":{"sub":"ann","iss":"i"},"a":{"b":{"c":"s-1"}},"x_forwarded_for":"10.0.0.1",' +
      '"path":"/shops/acme","request_id":"r-1"}',
  },
  {
    format: 'nginx-json',
    timeKey: 'ts',
    options: {},
    parse: jsonLogParser(nginxDialect),
    lines: jsonLines(nginxKeys, inner, nginxTimes),
    ordinary:
      '{"msec":"1773043200.123","remote_addr":"203.0.113.7","remote_user":"ann","request":"GET /orders/17 HTTP/1.1",' +
      '"status":"200","body_bytes_sent":"512","request_time":"0.005","http_user_agent":"curl/8"}',
  },
  {
    format: 'combined',
    timeKey: 'ts',
    options: {},
    parse: combinedParser(),
    lines: logLines,
    ordinary:
      '203.0.113.7 - ann [17/May/2015:10:05:03 +0000] "GET /orders/17?x=1 HTTP/1.1" 200 512 "-" "curl/8" rt=0.005 jti="t-1"',
  },
  {
    format: 'combined',
    timeKey: 'ts',
    options: extras,
    parse: combinedParser(extras),
    lines: logLines,
    ordinary:
      '203.0.113.7 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/2" 200 - "-" "curl/8" 0.005 "ann" "10.0.0.1, 198.51.100.7"',
  },
  ...gateways,
]
