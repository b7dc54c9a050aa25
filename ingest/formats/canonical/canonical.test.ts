import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeLine, type LineOutcome } from '../../../test/formats/decode-line.ts'
import { depthMax, lineBytesMax } from '../limits.ts'
import { canonical } from './canonical.ts'

const decode = canonical.open({})
const time = 1_763_800_000_000

function line(value: unknown): LineOutcome {
  return decodeLine(decode, typeof value === 'string' ? value : JSON.stringify(value))
}

function event(value: unknown) {
  const decoded = line(value)
  if (decoded.outcome !== 'event') throw new Error(JSON.stringify(decoded))
  return decoded.event
}

describe('shapes', () => {
  it('takes nested objects, dotted keys and both mixed', () => {
    const expected = {
      time,
      kind: 'http',
      'client.ip': '192.0.2.1',
      'principal.id': 'ann',
      'principal.roles': ['admin'],
      'token.aud': ['orders', 'pay'],
    }
    const client = { ip: '192.0.2.1' }
    expect(
      event({ time, client, principal: { id: 'ann', roles: 'admin' }, token: { aud: ['orders', 'pay'] } }),
    ).toEqual(expected)
    expect(
      event({
        time,
        'client.ip': '192.0.2.1',
        principal: { id: 'ann' },
        'principal.roles': ['admin'],
        'token.aud': ['orders', 'pay'],
      }),
    ).toEqual(expected)
  })

  it('lets the later of two spellings and of two equal keys win, as JSON.parse does', () => {
    expect(event(`{"time":${time},"client":{"id":"a"},"client.id":"b"}`)['client.id']).toBe('b')
    expect(event(`{"time":1,"status":1,"status":404,"time":${time}}`)).toMatchObject({ time, status: 404 })
    expect(line(`{"time":${time},"time":"never"}`)).toMatchObject({ reason: 'time_invalid' })
  })

  it('ignores unknown, prototype and misplaced keys', () => {
    const hostile = `{"time":${time},"__proto__":{"status":500,"time":1},"constructor":{"prototype":{"x":1}},"client":[1],"toString":1,"client.ip.x":"192.0.2.1","":{}}`
    expect(event(hostile)).toEqual({ time, kind: 'http' })
    expect(event(`{"time":${time},"client":{"__proto__":{"ip":"192.0.2.1"}}}`)).toEqual({
      time,
      kind: 'http',
    })
    expect(({} as Record<string, unknown>).x).toBeUndefined()
  })

  it('keeps the event and leaves out optional fields of the wrong type', () => {
    expect(
      event({ time, status: 'nope', latency_ms: '12.5', bytes_in: true, host: {}, path: [1], kind: 'odd' }),
    ).toEqual({ time, kind: 'http', latency_ms: 12.5 })
    expect(
      event(`{"time":${time},"status":1e999,"bytes_out":null,"graphql":{"introspection":"true"}}`),
    ).toEqual({
      time,
      kind: 'http',
      'graphql.introspection': true,
    })
    expect(event({ time, auth: { outcome: 'FAILURE' } })['auth.outcome']).toBe('failure')
  })

  it('keeps the digits of ids that are numbers', () => {
    expect(event(`{"time":${time},"object":{"id":9007199254740993},"status":200}`)).toMatchObject({
      'object.id': '9007199254740993',
      status: 200,
    })
    expect(event(`{"time":${time},"object.id":1.50,"path":"/a\\"1.5"}`)).toMatchObject({
      'object.id': '1.50',
      path: '/a"1.5',
    })
    expect(
      event(`{"time":${time},"status":4e2,"latency_ms":1.5e1,"object.id":9007199254740993}`),
    ).toMatchObject({
      status: 400,
      latency_ms: 15,
      'object.id': '9007199254740993',
    })
    expect(event({ time, object: { id: 42 } })['object.id']).toBe('42')
  })
})

describe('instants', () => {
  it.each([
    [time, time],
    [String(time), time],
    [time + 0.75, time],
    [0, 0],
    ['2025-11-22T08:26:40Z', 1_763_800_000_000],
    ['2025-11-22T10:26:40.123456+02:00', 1_763_800_000_123],
    ['2100-01-01T00:00:00Z', 4_102_444_800_000],
    ['2016-12-31T23:59:60Z', 1_483_228_800_000],
  ])('time %s', (written, expected) => {
    expect(event({ time: written }).time).toBe(expected)
  })

  it.each([
    [{}, 'time_missing'],
    [{ time: null }, 'time_missing'],
    [{ time: '2025-11-22T08:26:40' }, 'time_invalid'],
    [{ time: '2025-02-30T08:26:40Z' }, 'time_invalid'],
    [{ time: '2025-11-22T24:00:00Z' }, 'time_invalid'],
    [{ time: -1 }, 'time_invalid'],
    [{ time: 1e300 }, 'time_invalid'],
    [{ time: true }, 'time_invalid'],
    [{ time: [time] }, 'time_invalid'],
    [{ time: '' }, 'time_invalid'],
    [{ time: 'yesterday\u001b[31m' }, 'time_invalid'],
  ])('%j is %s', (value, reason) => {
    expect(line(value)).toMatchObject({ outcome: 'refused', reason })
  })

  it('reads other instants in seconds below 1e11, else milliseconds', () => {
    expect(
      event({ time, token: { iat: 1_763_800_000, exp: time }, webhook: { timestamp: '1763800000' } }),
    ).toEqual({
      time,
      kind: 'http',
      'token.iat': time,
      'token.exp': time,
      'webhook.timestamp': time,
    })
  })
})

describe('hostile lines', () => {
  it('refuses what is too long or too deep, and takes what just fits', () => {
    const nested = (depth: number) => `{"time":${time},"x":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`
    expect(line(nested(depthMax)).outcome).toBe('event')
    expect(line(nested(depthMax + 1))).toMatchObject({ reason: 'too_deep' })
    expect(line(`{"time":${time},"path":"${'[{'.repeat(99)}\\"["}`).outcome).toBe('event')
    expect(line('['.repeat(lineBytesMax))).toMatchObject({ reason: 'not_parsable' })
    expect(line('x'.repeat(1_000_000))).toMatchObject({ reason: 'too_long' })
    expect(line(`{"time":${time},"x":"${'x'.repeat(lineBytesMax)}"}`)).toMatchObject({ reason: 'too_long' })
  })

  it('replaces invalid UTF-8 and lone surrogates', () => {
    const bytes = Buffer.concat([
      Buffer.from(`{"time":${time},"host":"a`),
      Buffer.from([0xff, 0xc0]),
      Buffer.from('","client":{"user_agent":"\\ud800x"}}\r\n'),
    ])
    const decoded = decodeLine(decode, bytes)
    expect(decoded).toMatchObject({ event: { host: 'a\ufffd\ufffd', 'client.user_agent': '\ufffdx' } })
  })

  it('skips blank lines, names other kinds, and takes a byte-order mark', () => {
    expect(line(' \r\n')).toEqual({ outcome: 'skip' })
    expect(line('')).toEqual({ outcome: 'skip' })
    for (const other of ['[]', '1', 'null', '"x"'])
      expect(line(other)).toMatchObject({ reason: 'not_an_object' })
    expect(line(`\ufeff{"time":${time}}`).outcome).toBe('event')
  })

  it('bounds every text and list', () => {
    const long = 'é'.repeat(5000)
    const roles = ['r'.repeat(999), ...Array(999).fill('role')]
    const big = event({
      time,
      path: `/${long}`,
      id: long,
      client: { user_agent: long },
      principal: { roles },
    })
    expect(big.path).toHaveLength(2048)
    expect(big.id).toHaveLength(256)
    expect(big['client.user_agent']).toHaveLength(2048)
    expect(big['principal.roles']).toHaveLength(64)
    expect(big['principal.roles']?.[0]).toHaveLength(256)
    expect(big.route?.length).toBeLessThanOrEqual(512)
  })

  it('keeps what an attacker wrote as plain text', () => {
    const agent = '\u001b]0;owned\u0007<script>'
    expect(event({ time, client: { user_agent: agent } })['client.user_agent']).toBe(agent)
  })
})

/** JSON text of records around the valid ones: odd keys, odd times, cut and spliced. */
const records = fc
  .record(
    {
      time: fc.oneof(
        fc.integer(),
        fc.double(),
        fc.date().map(String),
        fc.string(),
        fc.constant(time),
        fc.jsonValue(),
      ),
      client: fc.jsonValue(),
      'object.id': fc.jsonValue(),
      path: fc.string(),
      __proto__: fc.jsonValue(),
    },
    { requiredKeys: [] },
  )
  .map((record) => JSON.stringify(record))
const lines = fc.oneof(
  records,
  fc.json(),
  fc.string(),
  fc.tuple(records, fc.nat(), fc.string({ maxLength: 3 })).map(([text, at, splice]) => {
    const cut = at % (text.length + 1)
    return text.slice(0, cut) + splice + text.slice(cut + 1)
  }),
)

it('accepts exactly what JSON.parse makes an object with a valid time', () => {
  let accepted = 0
  fc.assert(
    fc.property(lines, (text) => {
      const decoded = line(text)
      if (decoded.outcome === 'event') accepted += 1
      expect(decoded.outcome).toBe(expectedOutcome(text))
    }),
    { numRuns: 2000 },
  )
  expect(accepted).toBeGreaterThan(50)
})

function expectedOutcome(text: string): LineOutcome['outcome'] {
  if (text.trim() === '') return 'skip'
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(text).toString())
  } catch {
    return 'refused'
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'refused'
  const written = (value as Record<string, unknown>).time
  const isNumber = typeof written === 'number' || (typeof written === 'string' && /^\d{1,16}$/.test(written))
  const isText = typeof written === 'string' && /T.*(Z|[+-]\d\d:?\d\d)$/.test(written)
  const parsed = isNumber ? Number(written) : isText ? Date.parse(written) : Number.NaN
  return parsed >= 0 && parsed < 253_402_300_800_000 ? 'event' : 'refused'
}
