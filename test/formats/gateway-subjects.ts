import { readFileSync } from 'node:fs'
import { apisixDialect } from '../../ingest/formats/apisix/apisix.ts'
import { apiGatewayDialect } from '../../ingest/formats/aws-api-gateway/aws-api-gateway.ts'
import { wafDialect } from '../../ingest/formats/aws-waf/aws-waf.ts'
import { cloudfrontDialect } from '../../ingest/formats/cloudfront/fields.ts'
import { openFormat } from '../../ingest/formats/format-options.ts'
import type { FormatId } from '../../ingest/formats/formats.ts'
import type { JsonLogDialect } from '../../ingest/formats/json-dialect.ts'
import { type JsonLogOptions, jsonLogParser } from '../../ingest/formats/json-log.ts'
import { kongDialect } from '../../ingest/formats/kong/kong.ts'
import { ocsfDialect } from '../../ingest/formats/ocsf/ocsf.ts'
import { opensObject } from '../../ingest/formats/opens-object.ts'
import { traefikDialect } from '../../ingest/formats/traefik/traefik.ts'
import { jsonLines } from './hostile-json.ts'
import type { Subject } from './projection-subjects.ts'

/** Dialects of which at least the times are needed, as members; the first is in milliseconds. */
const dialects: readonly {
  readonly format: FormatId
  readonly dialect: JsonLogDialect
  readonly sample: string
  readonly timeKey: string
  readonly times: readonly string[]
}[] = [
  {
    format: 'kong',
    dialect: kongDialect,
    sample: 'kong/samples/http-log.log',
    timeKey: 'started_at',
    times: ['"started_at":1773043200000', '"started_at":"1773043200123"', '"started_at":1773043200.5'],
  },
  {
    format: 'apisix',
    dialect: apisixDialect,
    sample: 'apisix/samples/http-logger.log',
    timeKey: 'start_time',
    times: [
      '"start_time":1773043200000.25',
      '"@timestamp":"2026-03-09T08:00:00+00:00"',
      '"msec":"1773043200.1"',
    ],
  },
  {
    format: 'traefik',
    dialect: traefikDialect,
    sample: 'traefik/samples/access-json.log',
    timeKey: 'StartUTC',
    times: ['"StartUTC":"2026-03-09T08:00:00.123456789Z"', '"StartLocal":"2026-03-09T09:00:00+01:00"'],
  },
  {
    format: 'aws-api-gateway',
    dialect: apiGatewayDialect,
    sample: 'aws-api-gateway/samples/http-api.log',
    timeKey: 'requestTimeEpoch',
    times: ['"requestTimeEpoch":"1773043200000"', '"requestTime":"09/Mar/2026:08:00:00 +0000"'],
  },
  {
    format: 'aws-waf',
    dialect: wafDialect,
    sample: 'aws-waf/samples/web-acl.log',
    timeKey: 'timestamp',
    times: ['"timestamp":1773043200000'],
  },
  {
    format: 'cloudfront',
    dialect: cloudfrontDialect,
    sample: 'cloudfront/samples/v2-json.log',
    timeKey: 'timestamp(ms)',
    times: [
      '"timestamp(ms)":"1773043200000"',
      '"date":"2026-03-09","time":"08:00:00"',
      '"date":"2026-03-09"',
    ],
  },
  {
    format: 'ocsf',
    dialect: ocsfDialect,
    sample: 'ocsf/samples/http-activity.log',
    timeKey: 'class_uid":4002,"time',
    times: [
      '"class_uid":4002,"time":1773043200000',
      '"class_uid":6003,"time":1773043200000',
      '"time":1773043200000,"class_uid":"6003"',
      '"time":1773043200000',
    ],
  },
]

const inner = ['id', 'sub', 'jti', 'claims', 'uid', 'name', 'headers', 'url', 'other']
const mapped = {
  fields: {
    'principal.id': 'request.headers.x-user',
    'token.jti': 'a.b',
    latency_us: 'took',
    service: 'service',
  },
  trusted_hops: 1,
  query_names: ['id'],
}

/** The dialects of gateways, each plain and with paths of an operator's own. */
export const gateways: readonly Subject[] = dialects.flatMap((one) =>
  [{}, mapped].map((options) => subjectOf(one, options)),
)

function subjectOf(
  { format, dialect, sample, timeKey, times }: (typeof dialects)[number],
  options: JsonLogOptions,
): Subject {
  const keys = [...dialect.meanings.keys()]
    .filter((key) => key !== 'class_uid')
    .concat(['sub', 'principal_id', 'client.ip', 'took', 'other'])
  const nested = [...(dialect.nested?.keys() ?? []), 'request.headers.x-user', 'a.b', 'request.other']
  const parse = jsonLogParser(dialect, options)
  // Formats that have lines of text as well tell them by their first byte.
  const other = openFormat(format, options)
  const file = new URL(`../../ingest/formats/${sample}`, import.meta.url)
  return {
    format,
    timeKey,
    options,
    parse: (line, event) =>
      opensObject(line, 0, line.length) ? parse(line, event) : other(line, 0, line.length, event),
    lines: jsonLines(keys, inner, times, nested),
    // Without the key that is another one when its digit is changed.
    ordinary: (readFileSync(file, 'utf8').split('\n', 1)[0] ?? '').replace(/"ja3Fingerprint":"\w+",/, ''),
  }
}
