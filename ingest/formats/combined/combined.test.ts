import { describe, expect, it } from 'vitest'
import { decodeLine } from '../../../test/formats/decode-line.ts'
import { combined } from './combined.ts'
import type { CombinedOptions } from './combined-parser.ts'

const time = Date.UTC(2015, 4, 17, 10, 5, 3)
const stamp = '[17/May/2015:10:05:03 +0000]'

function decode(line: string, options: CombinedOptions = {}) {
  return decodeLine(combined.open(options), line)
}

function event(line: string, options: CombinedOptions = {}) {
  const decoded = decode(line, options)
  if (decoded.outcome !== 'event') throw new Error(JSON.stringify(decoded))
  return decoded.event
}

describe('the line', () => {
  it('takes a combined line', () => {
    expect(
      event(`192.0.2.1 - ann ${stamp} "GET /orders/7?x=1 HTTP/1.1" 200 203 "http://a/" "curl/8 \\"x\\""`),
    ).toEqual({
      time,
      kind: 'http',
      vantage: 'edge',
      method: 'GET',
      path: '/orders/7',
      route: '/orders/{id}',
      status: 200,
      bytes_out: 203,
      'client.ip': '192.0.2.1',
      'client.user_agent': 'curl/8 "x"',
      'principal.id': 'ann',
      'object.id': '7',
      'object.type': 'orders',
    })
  })

  it.each([
    [
      'common, no bytes',
      `2001:DB8::1 - - ${stamp} "GET / HTTP/1.1" 304 -`,
      { 'client.ip': '2001:db8::1', status: 304 },
    ],
    [
      'virtual host',
      `API.example.com:443 192.0.2.1 - - ${stamp} "GET / HTTP/2.0" 200 1`,
      { host: 'api.example.com' },
    ],
    [
      'virtual host address',
      `192.0.2.9:80 192.0.2.1 - - ${stamp} "GET / HTTP/1.1" 200 1`,
      { 'client.ip': '192.0.2.1' },
    ],
    [
      'syslog',
      `Sep 15 16:13:46 host nginx[2869]: 192.0.2.1 - - ${stamp} "GET / HTTP/1.1" 200 1`,
      { 'client.ip': '192.0.2.1' },
    ],
    ['host name', `client.example.com - - ${stamp} "GET / HTTP/1.1" 200 1`, { status: 200 }],
    [
      'CONNECT',
      `192.0.2.1 - - ${stamp} "CONNECT foo.com:25 HTTP/1.1" 400 1`,
      { method: 'CONNECT', host: 'foo.com' },
    ],
    [
      'absolute form',
      `192.0.2.1 - - ${stamp} "GET http://foo.com:80/ip4.php HTTP/1.0" 400 1`,
      { path: '/ip4.php', host: 'foo.com' },
    ],
    ['zone', `192.0.2.1 - - [17/May/2015:12:05:03 +0200] "GET / HTTP/1.1" 200 1`, { time }],
  ])('%s', (_name, line, expected) => {
    expect(event(line)).toMatchObject({ time, ...expected })
  })

  it('keeps the event of a request line that is none, without method and path', () => {
    for (const request of [
      '\\x16\\x03\\x01\\x01 \\x02',
      '-',
      'HELP',
      "lv|'|'|VHJv",
      '',
      'SSTP_DUPLEX_POST x HTTP/1.1',
    ]) {
      const kept = event(`192.0.2.1 - - ${stamp} "${request}" 400 226 "-" "-"`)
      expect(kept).toMatchObject({ status: 400, 'client.ip': '192.0.2.1' })
      expect(kept.method).toBeUndefined()
      expect(kept.path).toBeUndefined()
    }
  })

  it('undoes byte escapes as UTF-8', () => {
    expect(
      event(`192.0.2.1 - - ${stamp} "GET / HTTP/1.1" 200 1 "-" "\\xC3\\xA9\\x1B[31m"`)['client.user_agent'],
    ).toBe('é\u001b[31m')
  })

  it('refuses other text and impossible times', () => {
    expect(decode('guacamole | 2023-04-06 WARN x')).toMatchObject({ reason: 'not_parsable' })
    expect(decode(`192.0.2.1 - - ${stamp} "GET / HTTP/1.1" 200`)).toMatchObject({ reason: 'not_parsable' })
    expect(decode(`192.0.2.1 - - ${stamp} "GET / HTTP/1.1`)).toMatchObject({ reason: 'not_parsable' })
    expect(decode('192.0.2.1 - - [31/Feb/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1')).toMatchObject({
      reason: 'time_invalid',
    })
    expect(decode(' \r')).toEqual({ outcome: 'skip' })
  })
})

describe('what a client writes', () => {
  it('moves no other part', () => {
    const forged = `x [01/Jan/1970:00:00:00 +0000] \\"GET /forged HTTP/1.1\\" 200`
    expect(event(`192.0.2.1 - ${forged} ${stamp} "GET /real HTTP/1.1" 200 1`)).toMatchObject({
      time,
      path: '/real',
    })
    const agent = `"] \\"GET / HTTP/1.1\\" sub=\\"root\\" jti=x"`
    const kept = event(`192.0.2.1 - - ${stamp} "GET / HTTP/1.1" 200 1 "-" ${agent}`)
    expect(kept['token.jti']).toBeUndefined()
    expect(kept['principal.id']).toBeUndefined()
  })

  it('is no proof of a user where authentication was refused', () => {
    expect(event(`192.0.2.1 - ann ${stamp} "GET / HTTP/1.1" 401 1`)['principal.id']).toBeUndefined()
    expect(event(`192.0.2.1 - ann ${stamp} "GET / HTTP/1.1" 403 1`)['principal.id']).toBe('ann')
  })

  it('costs bounded time and memory', () => {
    expect(decode(`192.0.2.1 - - ${stamp} "GET /${'a'.repeat(1_000_000)}`)).toMatchObject({
      reason: 'too_long',
    })
    for (const text of ['\\x41', '" "', 'a=', '[', '] "', '\\', ';a=b', '?id=1&']) {
      const line = `192.0.2.1 - - ${stamp} "GET /${text.repeat(8000)}`.slice(0, 60_000)
      expect(['event', 'refused']).toContain(decode(`${line} HTTP/1.1" 200 1`).outcome)
    }
  })
})

describe('extra fields', () => {
  const base = `192.0.2.1 - - ${stamp} "GET / HTTP/1.1" 200 1 "-" "curl"`

  it('maps them by position, seconds to milliseconds', () => {
    const fields = ['latency_s', '-', 'principal.id']
    expect(event(`${base} 0.005 "x" "ann b"`, { fields })).toMatchObject({
      latency_ms: 5,
      'principal.id': 'ann b',
    })
    expect(event(`${base} 0.005 "x" "-"`, { fields })['principal.id']).toBeUndefined()
    expect(event(`${base} 0.250`, { fields: { 0: 'latency_ms' } }).latency_ms).toBe(250)
  })

  it('maps key=value by option, else by their own and the usual names', () => {
    const line = `${base} rt=0.005 sub="alice" jti=t-1 auth_account="bo" object.id=7 x=1 time=5 client_ip=1.1.1.1 enforced_by=d`
    expect(event(line, { fields: { rt: 'latency_ms', x: 'records_out' } })).toMatchObject({
      time,
      latency_ms: 5,
      records_out: 1,
      'client.ip': '192.0.2.1',
      'principal.id': 'alice',
      'token.jti': 't-1',
      'auth.account': 'bo',
      'object.id': '7',
    })
    expect(event(line)).toMatchObject({ latency_ms: 5 })
    expect(event(line).enforced_by).toBeUndefined()
  })

  it('takes a forwarded address only as configured', () => {
    const line = `${base} "1.1.1.1, 2.2.2.2"`
    expect(event(line)['client.ip']).toBe('192.0.2.1')
    expect(event(line, { fields: ['x_forwarded_for'], trusted_hops: 1 })['client.ip']).toBe('2.2.2.2')
  })

  it('refuses a mapping to no field when it is opened', () => {
    expect(() => combined.open({ fields: { rt: 'latency' } })).toThrow('event field')
  })
})
