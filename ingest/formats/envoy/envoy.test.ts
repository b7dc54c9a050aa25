import { describe, expect, it } from 'vitest'
import { decodeLine } from '../../../test/formats/decode-line.ts'
import type { JsonLogOptions } from '../json-log.ts'
import { envoy } from './envoy.ts'
import { plainName } from './key-names.ts'

const start = '2025-11-22T08:26:40.000Z'
const time = 1_763_800_000_000

function event(value: unknown, options: JsonLogOptions = {}) {
  const decoded = decodeLine(envoy.open(options), JSON.stringify(value))
  if (decoded.outcome !== 'event') throw new Error(JSON.stringify(decoded))
  return decoded.event
}

/** Envoy Gateway's default: hyphens, and every value a string. */
const gatewayLine = {
  start_time: start,
  method: 'get',
  'x-envoy-origin-path': '/orders/17?token=secret',
  protocol: 'HTTP/1.1',
  response_code: '200',
  response_flags: '-',
  response_code_details: 'via_upstream',
  bytes_received: '0',
  bytes_sent: '512',
  duration: '12',
  'x-forwarded-for': '198.51.100.66,203.0.113.9',
  'user-agent': 'curl/8',
  'x-request-id': 'r-1',
  ':authority': 'API.example.com:8443',
  upstream_host: '10.0.0.7:8080',
  downstream_remote_address: '203.0.113.9:51234',
  requested_server_name: '-',
  route_name: 'httproute/default/orders',
}
const gatewayEvent = {
  time,
  kind: 'http',
  vantage: 'edge',
  gateway: 'envoy',
  id: 'r-1',
  method: 'GET',
  host: 'api.example.com',
  path: '/orders/17',
  route: '/orders/{id}',
  status: 200,
  latency_ms: 12,
  bytes_in: 0,
  bytes_out: 512,
  'client.ip': '203.0.113.9',
  'client.user_agent': 'curl/8',
  'object.type': 'orders',
  'object.id': '17',
}

describe('key names', () => {
  it('takes Envoy Gateway’s default, with strings', () => {
    expect(event(gatewayLine)).toEqual(gatewayEvent)
  })

  it('takes snake case with numbers, and names made of the operators', () => {
    const {
      'x-envoy-origin-path': path,
      'x-request-id': id,
      ':authority': authority,
      'user-agent': agent,
    } = gatewayLine
    const rest = {
      start_time: time,
      method: 'GET',
      response_code: 200,
      bytes_received: 0,
      bytes_sent: 512,
      duration: 12,
    }
    const remote = { downstream_remote_address: '203.0.113.9' }
    expect(event({ ...rest, ...remote, path, x_request_id: id, authority, user_agent: agent })).toEqual(
      gatewayEvent,
    )
    expect(
      event({
        START_TIME: time / 1000,
        '%REQ(:METHOD)%': 'GET',
        '%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%': path,
        RESPONSE_CODE: 200,
        BYTES_RECEIVED: 0,
        BYTES_SENT: 512,
        DURATION: 12,
        '%REQ(X-REQUEST-ID)%': id,
        'REQ(:AUTHORITY)': authority,
        'REQ(USER-AGENT)': agent,
        DOWNSTREAM_REMOTE_ADDRESS: '203.0.113.9:1',
      }),
    ).toEqual(gatewayEvent)
  })

  it('takes the names of our own example', () => {
    const line = {
      ts: start,
      method: 'GET',
      path: '/a',
      status: 403,
      rcd: 'via_upstream',
      dur_ms: 3,
      authz: null,
    }
    expect(event(line)).toMatchObject({ time, path: '/a', status: 403, latency_ms: 3 })
    expect(event(line).enforced_by).toBeUndefined()
  })

  it('prefers the original path, and falls back where it is absent', () => {
    const line = { start_time: start, path: '/rewritten', 'x-envoy-original-path': '/asked' }
    expect(event(line).path).toBe('/asked')
    expect(event({ ...line, 'x-envoy-original-path': '-' }).path).toBe('/rewritten')
  })

  it('spells operators plainly', () => {
    expect(plainName('%START_TIME(%Y-%m-%dT%H:%M:%S.%3fZ)%')).toBe('start_time')
    expect(plainName('DYNAMIC_METADATA(envoy.filters.http.jwt_authn:payload:sub)')).toBe('jwt_sub')
    expect(plainName('%RESP(X-GUARD)%')).toBe('resp()')
  })
})

describe('who', () => {
  const line = { start_time: start, downstream_remote_address: '[2001:db8::1]:443' }

  it('never takes the leftmost forwarded address', () => {
    const forwarded = { ...line, 'x-forwarded-for': '1.1.1.1, 2.2.2.2, 3.3.3.3' }
    expect(event(forwarded)['client.ip']).toBe('2001:db8::1')
    expect(event(forwarded, { trusted_hops: 1 })['client.ip']).toBe('3.3.3.3')
    expect(event(forwarded, { trusted_hops: 2 })['client.ip']).toBe('2.2.2.2')
    expect(event(forwarded, { trusted_hops: 4 })['client.ip']).toBe('2001:db8::1')
  })

  it('takes claims by conventional keys and by nested metadata', () => {
    const expected = {
      'principal.id': 'ann',
      'token.jti': 't-1',
      'token.aud': ['orders', 'pay'],
      'token.iat': time,
      'token.exp': time + 60_000,
    }
    const claims = { sub: 'ann', jti: 't-1', aud: ['orders', 'pay'], iat: 1_763_800_000, exp: 1_763_800_060 }
    expect(
      event({
        ...line,
        jwt_sub: 'ann',
        jwt_jti: 't-1',
        jwt_aud: '["orders","pay"]',
        jwt_iat: '1763800000',
        jwt_exp: 1_763_800_060,
      }),
    ).toMatchObject(expected)
    expect(event({ ...line, jwt_payload: claims })).toMatchObject(expected)
    expect(
      event({ ...line, 'DYNAMIC_METADATA(envoy.filters.http.jwt_authn)': { provider: claims } }),
    ).toMatchObject(expected)
  })

  it('takes canonical names, and any key by the fields option', () => {
    expect(
      event({
        ...line,
        principal_id: 'ann',
        auth_account: 'x',
        object_id: 5,
        'key.id': 'k',
        session_id: '-',
        ja4: 't13d',
      }),
    ).toMatchObject({
      'principal.id': 'ann',
      'auth.account': 'x',
      'object.id': '5',
      'key.id': 'k',
      'client.ja4': 't13d',
    })
    const fields = { 'principal.id': 'meta.envoy.jwt_authn.sub', 'token.jti': 'tid', status: 'upstream.code' }
    const nested = {
      meta: { 'envoy.jwt_authn': { sub: 'bo' } },
      tid: 't-9',
      upstream: { code: 201 },
      jwt_sub: 'other',
    }
    expect(event({ ...line, ...nested, response_code: 500 }, { fields })).toMatchObject({
      'principal.id': 'bo',
      'token.jti': 't-9',
      status: 201,
    })
    expect(() => envoy.open({ fields: { 'principal.idd': 'sub.x' } })).toThrow('neither')
  })
})

describe('our own refusals', () => {
  const line = { start_time: start, response_code: 429, response_code_details: 'ext_authz_denied' }

  it.each([
    [{ authz: { decision: 'd-12' } }],
    [{ ext_authz: '{"decision":"d-12"}' }],
    [{ dynamic_metadata: { 'envoy.filters.http.ext_authz': { decision: 'd-12' } } }],
    [{ picket_decision: 'd-12' }],
    [{ 'DYNAMIC_METADATA(envoy.filters.http.ext_authz:decision)': 'd-12' }],
  ])('%j marks the decision', (marker) => {
    expect(event({ ...line, ...marker }).enforced_by).toBe('d-12')
    expect(
      event({ ...line, ...marker, response_code_details: 'ext_authz_error' }).enforced_by,
    ).toBeUndefined()
    expect(event({ ...line, ...marker, response_code_details: 'via_upstream' }).enforced_by).toBeUndefined()
  })

  it('believes no other mark', () => {
    expect(event({ ...line, enforced_by: 'd-1' }).enforced_by).toBeUndefined()
    expect(event({ ...line, 'x-picket-decision': 'd-1' }).enforced_by).toBeUndefined()
    expect(event({ start_time: start, response_flags: 'UAEX', authz: { decision: 'd-3' } }).enforced_by).toBe(
      'd-3',
    )
    expect(event({ start_time: start, response_flags: 'UAEX', authz: '-' }).enforced_by).toBeUndefined()
  })
})

it('refuses a line without a time it can read', () => {
  const decode = envoy.open({})
  expect(decodeLine(decode, '{"method":"GET"}')).toMatchObject({ reason: 'time_missing' })
  expect(decodeLine(decode, '{"start_time":"noon"}')).toMatchObject({ reason: 'time_invalid' })
})
