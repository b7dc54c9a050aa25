import { describe, expect, it } from 'vitest'
import { decodeLine } from '../../../test/formats/decode-line.ts'
import { awsApiGateway } from './aws-api-gateway.ts'
import { plainName } from './key-names.ts'

function event(value: object) {
  const decoded = decodeLine(
    awsApiGateway.open({}),
    JSON.stringify({ requestTimeEpoch: 1_772_442_000_123, ...value }),
  )
  if (decoded.outcome !== 'event') throw new Error(JSON.stringify(decoded))
  return decoded.event
}

it('knows a variable however it is spelled', () => {
  for (const key of [
    'identity.sourceIp',
    '$context.identity.sourceIp',
    'identity_source_ip',
    'sourceIp',
    'ip',
  ])
    expect(event({ [key]: '203.0.113.9' })['client.ip']).toBe('203.0.113.9')
  expect(event({ identity: { sourceIp: '203.0.113.9', userAgent: 'curl', apiKeyId: 'k' } })).toMatchObject({
    'client.ip': '203.0.113.9',
    'client.user_agent': 'curl',
    'key.id': 'k',
  })
  expect(plainName('$context.authorizer.claims.tenant_id')).toBe('jwt_tenant_id')
  expect(plainName('authorizer.jwt.claims.sub')).toBe('jwt_sub')
})

describe('operations', () => {
  it.each([
    [{ resourcePath: '/orders/{id}' }, '/orders/{id}', undefined],
    [{ routeKey: 'PUT /orders/{id}' }, '/orders/{id}', 'PUT'],
    [{ routeKey: 'ANY /orders/{id}' }, '/orders/{id}', undefined],
    [{ routeKey: '$default', path: '/a/7' }, '/a/{id}', undefined],
    [{ resourcePath: '/{proxy+}', path: '/a/7' }, '/a/{id}', undefined],
    [{ routeKey: ['GET /x'], path: '/a/7' }, '/a/{id}', undefined],
  ])('%j', (line, route, method) => {
    expect([event(line).route, event(line).method]).toEqual([route, method])
  })
})

it('takes claims nested or flat, and never a key', () => {
  const claims = { sub: 'ann', jti: 't-1' }
  for (const line of [
    { authorizer: { claims } },
    { claims },
    { 'authorizer.claims.sub': 'ann', 'authorizer.claims.jti': 't-1' },
  ])
    expect(event(line)).toMatchObject({ 'principal.id': 'ann', 'token.jti': 't-1' })
  expect(event({ authorizer: { principalId: 'bob' } })['principal.id']).toBe('bob')
  const text = JSON.stringify(
    event({ apiKey: 'not-for-us', 'identity.apiKey': 'not-for-us', identity: { apiKey: 'not-for-us' } }),
  )
  expect(text).not.toContain('not-for-us')
})
