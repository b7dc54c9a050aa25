import { describe, expect, it } from 'vitest'
import { decodeLine } from '../../../test/formats/decode-line.ts'
import type { JsonLogOptions } from '../json-log.ts'
import { kong } from './kong.ts'

function event(value: object, options: JsonLogOptions = {}) {
  const decoded = decodeLine(kong.open(options), JSON.stringify({ started_at: 1_772_442_000_123, ...value }))
  if (decoded.outcome !== 'event') throw new Error(JSON.stringify(decoded))
  return decoded.event
}

const consumer = { id: 'c-1', username: 'ann', custom_id: 'u-7' }

describe('who', () => {
  it('takes a consumer only beside the credential that proves it', () => {
    expect(event({ consumer, authenticated_entity: { id: 'k-1' } })).toMatchObject({
      'principal.id': 'ann',
      'key.id': 'k-1',
    })
    for (const authenticated_entity of [undefined, null, {}, { id: null }, { id: '' }, { id: ['k'] }, 'k']) {
      const anonymous = event({ consumer, principal_id: 'ann', authenticated_entity })
      expect([anonymous['principal.id'], anonymous['key.id']]).toEqual([undefined, undefined])
    }
    const bare = { consumer: { id: 'c-1' }, authenticated_entity: { id: 'k-1' } }
    expect(event(bare)['principal.id']).toBe('c-1')
  })

  it('lets an operator say otherwise', () => {
    expect(event({ consumer, jwt: { sub: 'bo' } }, { fields: { 'principal.id': 'jwt.sub' } })).toMatchObject({
      'principal.id': 'bo',
    })
  })

  it('takes the peer, or the entry of the hop that is trusted', () => {
    const request = { headers: { 'x-forwarded-for': '1.1.1.1, 192.0.2.7' } }
    expect(event({ client_ip: '203.0.113.9', request })['client.ip']).toBe('203.0.113.9')
    expect(event({ client_ip: '203.0.113.9', request }, { trusted_hops: 1 })['client.ip']).toBe('192.0.2.7')
  })
})

it('takes numbers written as text, and no header that came twice', () => {
  const request = { size: '75', headers: { 'user-agent': ['a', 'b'], host: 'A.example:8443' } }
  expect(event({ request, response: { status: '404', size: '9' } })).toEqual({
    time: 1_772_442_000_123,
    kind: 'http',
    vantage: 'edge',
    gateway: 'kong',
    host: 'a.example',
    status: 404,
    bytes_in: 75,
    bytes_out: 9,
  })
})
