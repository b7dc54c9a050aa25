import { expect, it } from 'vitest'
import { decodeLine } from '../../../test/formats/decode-line.ts'
import type { JsonLogOptions } from '../json-log.ts'
import { ocsf } from './ocsf.ts'

function decode(value: object, options: JsonLogOptions = {}) {
  return decodeLine(
    ocsf.open(options),
    JSON.stringify({ class_uid: 6003, time: 1_772_442_000_123, ...value }),
  )
}

it('refuses other classes, whatever is wanted', () => {
  for (const class_uid of [3002, '3002', null, [6003], { x: 1 }, true]) {
    const refusal = { reason: 'field_invalid', detail: expect.stringContaining('6003') }
    expect(decode({ class_uid })).toMatchObject(refusal)
    const line = JSON.stringify({ class_uid, time: 1_772_442_000_123 })
    expect(decodeLine(ocsf.open({}, new Set(['status'])), line)).toMatchObject(refusal)
  }
  expect(decode({ class_uid: '4002' })).toMatchObject({ outcome: 'event' })
})

it('proves nobody whose authentication was refused', () => {
  const actor = { user: { uid: 'u-7', name: 'ann' } }
  expect(decode({ actor, api: { response: { code: 200 } } })).toMatchObject({
    event: { 'principal.id': 'u-7' },
  })
  for (const code of [401, 407]) {
    expect(decode({ actor, api: { response: { code } } })).not.toHaveProperty(['event', 'principal.id'])
  }
})

it('takes an operation for a route only where there is no path', () => {
  const api = { operation: 'GetObject' }
  expect(decode({ api })).toMatchObject({ event: { route: 'GetObject' } })
  const url = { path: '/orders/7', query_string: 'x=1' }
  expect(decode({ api, http_request: { url } })).toMatchObject({
    event: { route: '/orders/{id}', path: '/orders/7' },
  })
  const whole = { url_string: 'https://u:p@API.example/orders/7?x=1' }
  expect(decode({ api, http_request: { url: whole } })).toMatchObject({
    event: { path: '/orders/7', host: 'api.example' },
  })
})

it('takes a resource only when it is the only one', () => {
  const resource = { uid: 'o-1', type: 'Order' }
  expect(decode({ resources: [resource] })).toMatchObject({
    event: { 'object.id': 'o-1', 'object.type': 'Order' },
  })
  expect(decode({ resources: [resource, { uid: 'o-2' }] })).not.toHaveProperty(['event', 'object.id'])
})

it('takes the client from the trusted hop of a list', () => {
  const line = {
    src_endpoint: { ip: '203.0.113.9' },
    http_request: { x_forwarded_for: ['1.1.1.1', '192.0.2.7'] },
  }
  expect(decode(line)).toMatchObject({ event: { 'client.ip': '203.0.113.9' } })
  expect(decode(line, { trusted_hops: 1 })).toMatchObject({ event: { 'client.ip': '192.0.2.7' } })
})
