import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { expect, it } from 'vitest'
import { BearerVerifier } from '../bearer-verifier.ts'
import type { CheckRequest, ProtoValue } from './authorization-service.ts'
import { requestSubject } from './request-subject.ts'

const fields = {
  sub: { stringValue: 'alice' },
  jti: { stringValue: 'j-1' },
  iss: { stringValue: 'https://issuer.example' },
  iat: { numberValue: 1_800_000_000 },
  azp: { stringValue: 'app' },
  sid: { stringValue: 's-1' },
  tenant: { numberValue: 7 },
}
const headers = {
  'x-forwarded-for': '6.6.6.6, 2001:db8::1',
  'x-api-key-id': 'key-1',
  authorization: 'Bearer e30.e30.',
}

function request(payload: Readonly<Record<string, ProtoValue>> = fields, key = 'jwt_payload'): CheckRequest {
  return {
    attributes: {
      source: { address: { socket_address: { address: '203.0.113.7' } } },
      request: { http: { method: 'GET', path: '/orders/1?x', headers } },
      metadata_context: {
        filter_metadata: {
          'envoy.filters.http.jwt_authn': { fields: { [key]: { structValue: { fields: payload } } } },
        },
      },
    },
  }
}

it('takes the identity that Envoy authenticated, in canonical ids', async () => {
  expect(await requestSubject(request(), { trustedHops: 1 })).toEqual({
    ip: '2001:db8::/64',
    network: '2001:db8::/48',
    principal: 'alice',
    client: 'app',
    session: 's-1',
    tenant: '7',
    jti: 'j-1',
    iss: 'https://issuer.example',
    iat: 1_800_000_000_000,
    key: undefined,
    fingerprint: undefined,
    route: undefined,
  })
})

it('believes nothing that a client merely says', async () => {
  const subject = await requestSubject(request(fields, 'other_key'), {})
  const known = Object.entries(subject).filter(([, value]) => value !== undefined)
  expect(Object.fromEntries(known)).toEqual({ ip: '203.0.113.7', network: '203.0.113.0/24' })
})

it('reads what is configured', async () => {
  const subject = await requestSubject(
    request({ uid: { stringValue: 'bob' }, client_id: { stringValue: 'c' } }),
    {
      claims: { principal: 'uid' },
      keyHeader: 'x-api-key-id',
      routeOf: (method, path) => `${method} ${path}`,
      principalOf: (principal) => `k1:${principal}`,
    },
  )
  expect(subject).toMatchObject({
    principal: 'k1:bob',
    client: 'c',
    key: 'key-1',
    route: 'GET /orders/1?x',
    iat: undefined,
  })
})

it.each<[Readonly<Record<string, ProtoValue>>]>([
  [{ sub: { structValue: { fields } } }],
  [{ sub: {} }],
  [{ sub: { stringValue: '' }, iat: { stringValue: '1' } }],
  [{}],
])('leaves out claims of other types: %j', async (payload) => {
  expect(
    await requestSubject(request(payload), { claims: { principal: 'sub', client: ['constructor'] } }),
  ).toMatchObject({ principal: undefined, client: undefined, iat: undefined })
})

it('believes a token that Picket verified itself, and the gateway before it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'picket-subject-'))
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  await writeFile(join(folder, 'jwks.json'), JSON.stringify({ keys: [await exportJWK(publicKey)] }))
  const onProblem = (message: string) => expect.unreachable(message)
  const jwks = { file: join(folder, 'jwks.json') }
  const bearer = await BearerVerifier.start({ jwks, onProblem }, { now: () => 1_800_000_000_000 })
  try {
    const token = await new SignJWT({ sub: 'bob', jti: 'j-9', iat: 1_799_999_990 })
      .setProtectedHeader({ alg: 'ES256' })
      .sign(privateKey)
    const http = { headers: { authorization: `Bearer ${token}` } }
    const expected = { principal: 'bob', jti: 'j-9', iat: 1_799_999_990_000 }
    expect(await requestSubject({ attributes: { request: { http } } }, { bearer })).toMatchObject(expected)
    const both = { attributes: { ...request().attributes, request: { http } } }
    expect(await requestSubject(both, { bearer })).toMatchObject({ principal: 'alice', jti: 'j-1' })
  } finally {
    bearer.close()
    await rm(folder, { recursive: true })
  }
})

it('survives an empty request', async () => {
  expect((await requestSubject({}, { trustedHops: 3, keyHeader: 'x' })).ip).toBeUndefined()
})
