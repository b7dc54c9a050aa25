import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type BearerOptions, BearerVerifier } from './bearer-verifier.ts'

const issuer = 'https://issuer.example'
let now = 1_800_000_000_000
const clock = { now: () => now }
let pair: Awaited<ReturnType<typeof generateKeyPair>>
let keySet: string
const cleanups: (() => unknown)[] = []

beforeAll(async () => {
  pair = await generateKeyPair('ES256')
  keySet = JSON.stringify({ keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k1', alg: 'ES256' }] })
})
afterEach(async () => {
  now = 1_800_000_000_000
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

function signed(claims: JWTPayload, key = pair.privateKey, kid = 'k1'): Promise<string> {
  return new SignJWT({ iss: issuer, exp: now / 1000 + 60, ...claims })
    .setProtectedHeader({ alg: 'ES256', kid })
    .sign(key)
}

async function verifierFor(keys: string, options: Partial<BearerOptions> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'picket-jwks-'))
  const file = join(folder, 'jwks.json')
  await writeFile(file, keys)
  const problems: string[] = []
  const verifier = await BearerVerifier.start(
    { jwks: { file }, issuer, onProblem: (message) => problems.push(message), ...options },
    clock,
  )
  cleanups.push(
    () => verifier.close(),
    () => rm(folder, { recursive: true }),
  )
  return { verifier, problems, file }
}

describe('BearerVerifier', () => {
  it('gives the claims of a valid token, also the second time, until it expires', async () => {
    const { verifier } = await verifierFor(keySet)
    const token = await signed({ sub: 'alice', jti: 'j-1' })
    expect(await verifier.verify(`Bearer ${token}`)).toMatchObject({ sub: 'alice', jti: 'j-1' })
    expect(await verifier.verify(`bearer  ${token}`)).toMatchObject({ sub: 'alice' })
    now += 91_000
    expect(await verifier.verify(`Bearer ${token}`)).toBeUndefined()
    expect(await verifier.verify(`Bearer ${await signed({ sub: 'alice' })}`)).toBeDefined()
  })

  it('gives nothing for what proves nothing', async () => {
    const { verifier } = await verifierFor(keySet, { audience: 'orders' })
    const other = await generateKeyPair('ES256')
    const good = await signed({ sub: 'alice', aud: 'orders' })
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${good.split('.')[1]}.`
    const refused = [
      undefined,
      '',
      'Bearer',
      `Basic ${good}`,
      `Bearer ${good}x`,
      `Bearer ${none}`,
      `Bearer ${'a'.repeat(100_000)}`,
      `Bearer ${await signed({ sub: 'alice', aud: 'orders' }, other.privateKey)}`,
      `Bearer ${await signed({ sub: 'alice', aud: 'orders' }, pair.privateKey, 'k2')}`,
      `Bearer ${await signed({ sub: 'alice', aud: 'billing' })}`,
      `Bearer ${await signed({ sub: 'alice', aud: 'orders', iss: 'https://evil.example' })}`,
      `Bearer ${await signed({ sub: 'alice', aud: 'orders', exp: now / 1000 - 60 })}`,
    ]
    for (const header of refused) expect(await verifier.verify(header), header).toBeUndefined()
    expect(await verifier.verify(`Bearer ${good}`)).toMatchObject({ sub: 'alice' })
  })

  it.each([
    ['{', /holds no JSON/],
    ['[]', /holds no JSON Web Key Set/],
  ])('says what is wrong with the keys %j, and goes on without', async (keys, message) => {
    const { verifier, problems } = await verifierFor(keys)
    expect(problems).toEqual([expect.stringMatching(message)])
    expect(await verifier.verify(`Bearer ${await signed({ sub: 'alice' })}`)).toBeUndefined()
  })

  it('takes up new keys and forgets withdrawn ones, and keeps the old when the issuer is away', async () => {
    const { verifier, file, problems } = await verifierFor(keySet, { refreshMs: 20 })
    const next = await generateKeyPair('ES256')
    const old = `Bearer ${await signed({ sub: 'alice' })}`
    const fresh = `Bearer ${await signed({ sub: 'alice' }, next.privateKey, 'k2')}`
    expect(await verifier.verify(old)).toBeDefined()
    await writeFile(file, JSON.stringify({ keys: [{ ...(await exportJWK(next.publicKey)), kid: 'k2' }] }))
    await expect.poll(() => verifier.verify(fresh)).toBeDefined()
    expect(await verifier.verify(old)).toBeUndefined()
    await rm(file)
    await expect.poll(() => problems.at(-1)).toMatch(/no fresh keys/)
    expect(await verifier.verify(fresh)).toBeDefined()
  })

  it('loads keys from a URL', async () => {
    const server = createServer((_, response) => response.end(keySet)).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    cleanups.push(() => server.close())
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`
    const { verifier } = await verifierFor('', { jwks: { url } })
    expect(await verifier.verify(`Bearer ${await signed({ sub: 'alice' })}`)).toBeDefined()
  })
})
