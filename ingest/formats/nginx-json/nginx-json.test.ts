import { expect, it } from 'vitest'
import { decodeLine } from '../../../test/formats/decode-line.ts'
import { nginxJson } from './nginx-json.ts'

function decode(value: unknown) {
  return decodeLine(nginxJson.open({}), typeof value === 'string' ? value : JSON.stringify(value))
}

const expected = {
  time: 1_763_800_000_123,
  kind: 'http',
  vantage: 'edge',
  gateway: 'nginx',
  method: 'POST',
  host: 'api.example.com',
  path: '/login',
  route: '/login',
  status: 401,
  latency_ms: 5,
  bytes_in: 300,
  bytes_out: 12,
  id: 'abc',
  'client.ip': '192.0.2.1',
  'client.user_agent': 'curl/8',
}
const line = {
  msec: '1763800000.123',
  time_iso8601: '2025-11-22T08:26:40+00:00',
  remote_addr: '192.0.2.1',
  remote_user: 'ann',
  request_method: 'POST',
  uri: '/rewritten',
  request_uri: '/login?user=ann',
  status: '401',
  request_time: '0.005',
  request_length: '300',
  body_bytes_sent: '12',
  http_user_agent: 'curl/8',
  http_x_forwarded_for: '1.1.1.1',
  http_referer: '',
  host: 'api.example.com',
  request_id: 'abc',
}

it('takes nginx variables, the user only where authentication passed', () => {
  expect(decode(line)).toEqual({ outcome: 'event', event: expected })
  expect(decode({ ...line, status: 200 })).toMatchObject({ event: { 'principal.id': 'ann' } })
  expect(decode({ ...line, msec: 1_763_800_000.123, request_time: 0.005 })).toEqual({
    outcome: 'event',
    event: expected,
  })
})

it('reads local time and the request line', () => {
  const short = {
    time_local: '22/Nov/2025:08:26:40 +0000',
    remote_addr: '::ffff:192.0.2.1',
    request: 'GET /a/7 HTTP/1.1',
  }
  expect(decode(short)).toMatchObject({
    event: { time: 1_763_800_000_000, method: 'GET', route: '/a/{id}', 'client.ip': '192.0.2.1' },
  })
  expect(decode({ ...short, request: '\u0016\u0003\u0001' })).toMatchObject({ outcome: 'event' })
})

it('says what is wrong with a log without escape=json', () => {
  expect(decode('{"msec":1,"uri":"\\x22"}')).toMatchObject({
    reason: 'not_parsable',
    detail: expect.stringContaining('escape=json'),
  })
})
