import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterEach, describe, expect, it } from 'vitest'
import { picketConfigSchema } from '../../config/picket-config.ts'
import type { Decision } from '../../core/decision/decision.ts'
import type { ExtAuthz } from '../../enforcement/envoy/ext-authz-server.ts'
import { ReplicatedTable } from '../../enforcement/replicated-table.ts'
import { fixedPublicKey, pseudonymiser } from '../../ingest/privacy/pseudonym.ts'
import { askAuthz } from '../../test/gateway-thread/authz-client.ts'
import { freePort } from '../../test/peers/free-port.ts'
import { startEnforcement } from './enforcement.ts'

const deny = { type: 'deny', from: 0, until: 4e12, reason: 'test', by: 'person:ada' } as const
const started: ExtAuthz[] = []

async function start(
  port: number,
  decisions: readonly Decision[],
  settings: object = {},
  identity: object = {},
): Promise<void> {
  const enforcement = { envoy: { listen: { port }, identity } }
  const config = picketConfigSchema.parse({ enforcement, ...settings })
  const table = new ReplicatedTable()
  for (const decision of decisions) table.apply(decision)
  const log = { info: () => {}, error: (...args: unknown[]) => expect.unreachable(JSON.stringify(args)) }
  const authz = await startEnforcement({ config, table, key: fixedPublicKey, log })
  if (authz) started.push(authz)
}

afterEach(async () => {
  for (const authz of started.splice(0)) await authz.close()
})

describe('startEnforcement', () => {
  it('knows routes and principals by the names that events have', async () => {
    const port = await freePort()
    const ann = pseudonymiser(fixedPublicKey)('Ann') ?? ''
    const decisions: Decision[] = [
      { ...deny, id: 'd-1', scope: 'route', value: '/files/{name}' },
      { ...deny, id: 'd-2', scope: 'principal', value: ann },
      { ...deny, id: 'd-3', scope: 'principal', value: 'bob' },
    ]
    await start(port, decisions, { routes: ['/files/{name}'], privacy: { principals: true } })
    expect(await askAuthz(port, { path: '/files/a.pdf?x=1' })).toBe(403)
    expect(await askAuthz(port, { path: '/other/a.pdf' })).toBe(200)
    expect(await askAuthz(port, { principal: 'ann' })).toBe(403)
    expect(await askAuthz(port, { principal: 'bob' })).toBe(200)
  })

  it('leaves principals as they are when they are no pseudonyms', async () => {
    const port = await freePort()
    await start(port, [{ ...deny, id: 'd-3', scope: 'principal', value: 'bob' }])
    expect(await askAuthz(port, { principal: 'bob' })).toBe(403)
  })

  it('takes key and fingerprint from the headers that are named, and from no others', async () => {
    const port = await freePort()
    const decisions: Decision[] = [
      { ...deny, id: 'd-1', scope: 'key', value: 'k-1' },
      { ...deny, id: 'd-2', scope: 'fingerprint', value: 't13d' },
    ]
    await start(port, decisions, {}, { key_header: 'x-key-id', fingerprint_header: 'x-ja4' })
    expect(await askAuthz(port, { headers: { 'x-key-id': 'k-1' } })).toBe(403)
    expect(await askAuthz(port, { headers: { 'x-ja4': 't13d' } })).toBe(403)
    expect(await askAuthz(port, { headers: { 'x-api-key': 'k-1' } })).toBe(200)
  })

  it('verifies tokens with the configured keys; one signed with others names nobody', async () => {
    const port = await freePort()
    const folder = mkdtempSync(join(tmpdir(), 'picket-jwks-'))
    const file = join(folder, 'jwks.json')
    const [own, other] = [await generateKeyPair('ES256'), await generateKeyPair('ES256')]
    writeFileSync(file, JSON.stringify({ keys: [{ ...(await exportJWK(own.publicKey)), alg: 'ES256' }] }))
    const decisions: Decision[] = [{ ...deny, id: 'd-1', scope: 'principal', value: 'mallory' }]
    await start(port, decisions, {}, { jwks: { file, issuer: 'https://issuer.example' } })
    const bearer = async (key: CryptoKey, issuer: string) => {
      const token = new SignJWT({ sub: 'mallory' }).setProtectedHeader({ alg: 'ES256' }).setIssuer(issuer)
      return { headers: { authorization: `Bearer ${await token.setExpirationTime('1h').sign(key)}` } }
    }
    expect(await askAuthz(port, await bearer(own.privateKey, 'https://issuer.example'))).toBe(403)
    expect(await askAuthz(port, await bearer(own.privateKey, 'https://else.example'))).toBe(200)
    expect(await askAuthz(port, await bearer(other.privateKey, 'https://issuer.example'))).toBe(200)
    rmSync(folder, { recursive: true })
  })

  it('says which address it could not get', async () => {
    const port = await freePort()
    await start(port, [])
    await expect(start(port, [])).rejects.toThrow(`ext_authz can't listen on 127.0.0.1:${port}: `)
    expect(await askAuthz(port, {})).toBe(200)
  })
})
