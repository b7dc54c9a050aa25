import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Decode, Decoded } from '../../../core/event/decoder.ts'
import { type EventField, eventFieldNames } from '../../../core/event/event-fields.ts'
import { EventRecord } from '../../../core/event/event-record.ts'
import { damaged, jsonLines } from '../../../test/formats/hostile-json.ts'
import { logLines } from '../../../test/formats/hostile-logs.ts'
import { canonicalParser } from '../canonical/canonical-parser.ts'
import { combinedParser } from '../combined/combined-parser.ts'
import { envoyDialect } from '../envoy/envoy.ts'
import { envoyMeanings } from '../envoy/key-names.ts'
import { openFormat } from '../format-options.ts'
import type { FormatId } from '../formats.ts'
import { jsonLogParser } from '../json-log.ts'
import { lineBytesMax } from '../limits.ts'
import { nginxDialect } from '../nginx-json/nginx-json.ts'

/** More, and another seed, for a longer run by hand. */
const runs = Number(process.env.PICKET_FUZZ_RUNS ?? 2500)
const seed = Number(process.env.PICKET_FUZZ_SEED ?? 1)

/** A format under some options: the decoder that reads bytes, and the parser that says what a line means. */
interface Subject {
  readonly format: FormatId
  readonly options: object
  readonly parse: (line: Uint8Array, event: EventRecord) => Decoded
  readonly lines: fc.Arbitrary<string>
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

const subjects: readonly Subject[] = [
  {
    format: 'canonical',
    options: {},
    parse: canonicalParser(),
    lines: jsonLines(canonicalKeys, inner, canonicalTimes),
    ordinary:
      '{"time":"2026-03-09T08:00:00.251Z","kind":"http","vantage":"edge","method":"GET","path":"/orders/17","status":200,' +
      '"latency_ms":12.5,"client.ip":"203.0.113.7","principal":{"id":"ann","roles":["admin"]},"token.aud":["a","b"],"x":{"y":[1]}}',
  },
  {
    format: 'envoy',
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
    options: mapped,
    parse: jsonLogParser(envoyDialect, mapped),
    lines: jsonLines(envoyKeys, inner, envoyTimes),
    ordinary:
      '{"start_time":"2026-03-09T08:00:00.251Z","jwt":{"sub":"ann","iss":"i"},"a":{"b":{"c":"s-1"}},"x_forwarded_for":"10.0.0.1",' +
      '"path":"/shops/acme","request_id":"r-1"}',
  },
  {
    format: 'nginx-json',
    options: {},
    parse: jsonLogParser(nginxDialect),
    lines: jsonLines(nginxKeys, inner, nginxTimes),
    ordinary:
      '{"msec":"1773043200.123","remote_addr":"203.0.113.7","remote_user":"ann","request":"GET /orders/17 HTTP/1.1",' +
      '"status":"200","body_bytes_sent":"512","request_time":"0.005","http_user_agent":"curl/8"}',
  },
  {
    format: 'combined',
    options: {},
    parse: combinedParser(),
    lines: logLines,
    ordinary:
      '203.0.113.7 - ann [17/May/2015:10:05:03 +0000] "GET /orders/17?x=1 HTTP/1.1" 200 512 "-" "curl/8" rt=0.005 jti="t-1"',
  },
  {
    format: 'combined',
    options: extras,
    parse: combinedParser(extras),
    lines: logLines,
    ordinary:
      '203.0.113.7 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/2" 200 - "-" "curl/8" 0.005 "ann" "10.0.0.1, 198.51.100.7"',
  },
]

/** What stands before and behind a line in its buffer, for readers that look too far. */
const surroundings: readonly (readonly [before: string, behind: string])[] = [
  ['', ''],
  ['{"time":1,', '\n{"time":"2026-03-09T08:00:00.251Z","status":500}\n                    '],
  ['x', '\r\nxxxxxxxxxxxxxxxxxxxxxxxxxxxx'],
  ['"', '","status":500,"path":"/behind","x":"yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"}'],
  ['', '}'],
]

/** What an outcome tells of the wanted fields. */
function told(decoded: Decoded, event: EventRecord, wanted: ReadonlySet<EventField>): unknown {
  if (decoded !== 'event') return decoded
  return eventFieldNames.flatMap((name) =>
    event[name] !== undefined && (name === 'time' || wanted.has(name)) ? [[name, event[name]]] : [],
  )
}

describe.each(subjects)('$format $options', ({ format, options, parse, lines, ordinary }) => {
  const all = new Set(eventFieldNames)
  // Decoders live as long as the test, as they do in a process: what they remember and predict is part of it.
  const decoders = new Map<string, Decode>()
  const counts = { projected: 0, parsed: 0 }
  const wantedSets = fc
    .integer({ min: 0, max: 5 })
    .map(
      (kind) =>
        new Set(
          kind === 0 ? all : eventFieldNames.filter((_, index) => (index * 7919 + kind * 31) % 3 === 0),
        ),
    )
  const places = fc.constantFrom(...surroundings)
  const event = new EventRecord()

  function expectAlike(
    line: Uint8Array,
    wanted: ReadonlySet<EventField>,
    [before, behind] = surroundings[0] ?? ['', ''],
  ): void {
    const key = [...wanted].join(' ')
    const decode = decoders.get(key) ?? openFormat(format, options, wanted, counts)
    decoders.set(key, decode)
    const bytes = Buffer.concat([Buffer.from(before), line, Buffer.from(behind)])
    const start = Buffer.byteLength(before)
    const parsed = new EventRecord()
    const expected = told(parse(line, parsed), parsed, wanted)
    const found = told(decode(bytes, start, start + line.length, event), event, wanted)
    expect([Buffer.from(line).toString('latin1'), found]).toEqual([
      Buffer.from(line).toString('latin1'),
      expected,
    ])
  }

  it('tells the same as the parser, whatever is wanted', () => {
    const property = fc.property(lines, wantedSets, places, (line, wanted, place) => {
      expectAlike(Buffer.from(line), wanted, place)
    })
    fc.assert(property, { numRuns: runs, seed })
    // The lines must not all be the parser's own.
    expect(counts.projected).toBeGreaterThan(runs / 6)
  })

  it('tells the same of damaged lines', () => {
    const property = fc.property(
      damaged(fc.oneof(lines, fc.constant(ordinary))),
      wantedSets,
      places,
      expectAlike,
    )
    fc.assert(property, { numRuns: runs, seed })
  })

  it('tells the same of a line cut at any byte, at the buffer’s end and before other lines', () => {
    const bytes = Buffer.from(ordinary)
    for (let length = 0; length <= bytes.length; length++) {
      for (const place of surroundings) expectAlike(bytes.subarray(0, length), all, place)
    }
  })

  it('tells the same of lines that tell a thing in two ways, and of the last hour of all', () => {
    const time = format === 'canonical' ? 'time' : format === 'envoy' ? 'ts' : 'msec'
    for (const members of [
      '"client":{"id":"a\\u0062"},"client.id":"later"',
      '"client.id":"a\\u0062","client":{"id":"later"}',
      '"client.ip":1,"client":{"ip":"203.0.113.7"}',
      '"principal":{"id":7},"principal.id":"later"',
      '"token":{"aud":["a","b"]},"token.aud":["later"]',
      '"token":{"aud":["a","b"]},"token.aud":"later"',
      '"token.aud":"earlier","token":{"aud":[]}',
      '"jwt_claims":"\\u007b\\"sub\\":\\"ann\\"}"',
      '"jwt_claims":" {}","jwt":"{\\"sub\\":\\"ann\\"}"',
    ]) {
      for (let again = 0; again < 2; again++) {
        expectAlike(Buffer.from(`{"${time}":1773043200000,${members}}`), all, surroundings[1])
      }
    }
    for (const zone of ['Z', '+00:01', '-00:01', '-23:59']) {
      expectAlike(Buffer.from(`{"${time}":"9999-12-31T23:59:59.999${zone}"}`), all)
    }
  })

  it('counts nesting as the parser does', () => {
    const time = format === 'canonical' ? 'time' : 'ts'
    for (const key of [
      'client',
      'principal',
      'unknown',
      'path',
      'jwt',
      'a',
      'authz',
      'client":{"ip',
      'jwt":{"p',
    ]) {
      const end = key.includes('{') ? '}' : ''
      for (let deep = 28; deep <= 36; deep++) {
        for (const [open, close] of [
          ['[', ']'],
          ['{"x":', '}'],
        ] as const) {
          const nest = `${open.repeat(deep)}1${close.repeat(deep)}`
          expectAlike(Buffer.from(`{"${time}":1773043200000,"${key}":{"x":${nest}}${end}}`), all)
        }
      }
    }
  })

  it('tells the same of long lines', () => {
    const body = Buffer.from(ordinary)
    for (const length of [lineBytesMax - 1, lineBytesMax, lineBytesMax + 1]) {
      const padded = Buffer.concat([body, Buffer.alloc(length - body.length, ' ')])
      for (const place of surroundings) expectAlike(padded, all, place)
    }
  })

  it('reads ordinary lines itself, so that the tests above are not about the parser alone', () => {
    // Keys that were made up, above and here, take the room of others for a line at most.
    for (let index = 0; index < 3000; index++) {
      expectAlike(Buffer.from(`{"k${index}":1,"jwt":{"c${index}":{"x":1}}}`), all)
    }
    for (const wanted of [all, new Set<EventField>(['status'])]) {
      for (let again = 0; again < 2; again++) expectAlike(Buffer.from(ordinary), wanted)
    }
    const before = { ...counts }
    for (const [at, byte] of [...Buffer.from(ordinary)].entries()) {
      // Another digit changes what the line tells, and nothing of its shape.
      if (byte < 0x32 || byte > 0x37) continue
      const line = Buffer.from(ordinary)
      line[at] = byte + 1
      expectAlike(line, all, surroundings[1])
    }
    expectAlike(Buffer.from(ordinary), new Set(['status']), surroundings[1])
    expect(counts.parsed).toBe(before.parsed)
    expect(counts.projected).toBeGreaterThan(before.projected + 5)
  })
})
