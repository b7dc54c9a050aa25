import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import type { Decision } from '../../core/decision/decision.ts'
import { DecisionTable } from '../../core/decision/decision-table.ts'
import { describeEnvoy } from '../peers/describe-envoy.ts'
import { type EnvoyHarness, startEnvoyHarness } from './envoy-harness.ts'
import { startSilentServer } from './silent-server.ts'

const attacker = '203.0.113.7'
const others = ['203.0.113.8', '198.51.100.1', '2001:db8:5::1', '127.0.0.1']
const startOfTest = 1_800_000_000_000

describeEnvoy('Envoy with Picket', (envoyPath) => {
  const table = new DecisionTable()
  let now = startOfTest
  let broken = false
  let edge: EnvoyHarness

  beforeAll(async () => {
    const lookup: DecisionTable['lookup'] = (subject, nowMs) => {
      if (broken) throw new Error('broken table')
      return table.lookup(subject, nowMs)
    }
    edge = await startEnvoyHarness({ envoyPath, table: { lookup }, clock: { now: () => now } })
  })
  afterEach(() => {
    table.replaceAll([])
    broken = false
  })
  afterAll(() => edge?.stop())

  /** Puts a decision for 15 minutes from now in the table. */
  function decide(decision: Pick<Decision, 'id' | 'scope' | 'value' | 'type'> & Partial<Decision>): void {
    table.apply({ from: now, until: now + 900_000, reason: 'test', by: 'person:ada', ...decision })
  }

  async function expectServed(ips: readonly string[]): Promise<void> {
    for (const ip of ips)
      expect(await edge.send({ ip }), ip).toMatchObject({ status: 200, body: 'upstream 200' })
  }

  /** The log line of a path that only one request had; lines come about 100 ms late. */
  function logLine(path: string) {
    return expect.poll(async () => (await edge.logged()).find((line) => line.path === path), {
      timeout: 20_000,
    })
  }

  it('refuses a denied address and nobody else, until the decision ends', async () => {
    await expectServed([attacker, ...others])
    decide({ id: 'd-deny', scope: 'ip', value: attacker, type: 'deny' })
    const served = edge.upstream.requests.length
    const refused = await edge.send({ ip: attacker, path: '/denied' })
    expect(refused.status).toBe(403)
    expect(refused.headers).toMatchObject({
      'x-picket-decision': 'd-deny',
      'content-type': 'application/problem+json',
    })
    expect(edge.upstream.requests.length).toBe(served)
    await expectServed(others)
    await logLine('/denied').toMatchObject({
      response_code: 403,
      response_code_details: 'ext_authz_denied',
      authz: { decision: 'd-deny' },
      downstream_remote_address: expect.stringContaining(attacker),
      user_agent: 'test-client/1',
    })
    now += 900_000
    await expectServed([attacker, ...others])
  })

  it('is not fooled by addresses that the client itself puts in front', async () => {
    decide({ id: 'd-xff', scope: 'ip', value: attacker, type: 'deny' })
    expect((await edge.send({ ip: `198.51.100.1, ${attacker}` })).status).toBe(403)
    await expectServed([`${attacker}, 198.51.100.1`])
  })

  it('knows all addresses of an IPv6 client and of a network', async () => {
    decide({ id: 'd-64', scope: 'ip', value: '2001:db8:1:2::/64', type: 'deny' })
    decide({ id: 'd-24', scope: 'network', value: '192.0.2.0/24', type: 'deny' })
    for (const ip of ['2001:db8:1:2::1', '2001:DB8:1:2:ffff::9', '192.0.2.200']) {
      expect((await edge.send({ ip })).status, ip).toBe(403)
    }
    await expectServed(['2001:db8:1:3::1', '192.0.3.200', ...others])
  })

  it('slows down with 429 and Retry-After, and serves again when that time has passed', async () => {
    decide({
      id: 'd-slow',
      scope: 'ip',
      value: attacker,
      type: 'throttle',
      rate: { count: 2, perMs: 60_000 },
    })
    await expectServed([attacker, attacker])
    const refused = await edge.send({ ip: attacker, path: '/throttled' })
    expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': '30' } })
    expect(JSON.parse(refused.body)).toMatchObject({
      type: 'https://iana.org/assignments/http-problem-types#abnormal-usage-detected',
      instance: 'd-slow',
    })
    await expectServed(others)
    await logLine('/throttled').toMatchObject({ response_code: 429, authz: { decision: 'd-slow' } })
    now += 30_000
    await expectServed([attacker])
    expect((await edge.send({ ip: attacker })).status).toBe(429)
  })

  it('refuses a revoked token wherever it comes from, and no other token', async () => {
    const stolen = await edge.sign({ sub: 'alice', jti: 'j-stolen', aud: 'orders', azp: 'app' })
    const fresh = await edge.sign({ sub: 'alice', jti: 'j-fresh' })
    expect((await edge.send({ token: stolen, ip: attacker, path: '/token' })).status).toBe(200)
    decide({ id: 'd-jti', scope: 'token', value: 'j-stolen', type: 'revoke' })
    for (const ip of [attacker, '198.51.100.1']) {
      const refused = await edge.send({ token: stolen, ip, path: '/revoked' })
      expect(refused.status).toBe(401)
      expect(refused.headers['www-authenticate']).toBe('Bearer error="invalid_token"')
    }
    expect((await edge.send({ token: fresh, ip: attacker })).status).toBe(200)
    await expectServed([attacker])
    await logLine('/token').toMatchObject({
      jwt_sub: 'alice',
      jwt_jti: 'j-stolen',
      jwt_iss: 'https://issuer.example',
      jwt_aud: 'orders',
      jwt_azp: 'app',
      jwt_iat: expect.any(Number),
      jwt_exp: expect.any(Number),
      authz: null,
    })
    await logLine('/revoked').toMatchObject({
      response_code_details: 'ext_authz_denied',
      jwt_jti: 'j-stolen',
    })
  })

  it('cuts off the older tokens of a principal, and the next log-in works', async () => {
    const iat = Math.floor(Date.now() / 1000)
    const [older, newer, alices] = await Promise.all([
      edge.sign({ sub: 'mallory', iat: iat - 60 }),
      edge.sign({ sub: 'mallory', iat }),
      edge.sign({ sub: 'alice', iat: iat - 60 }),
    ])
    decide({
      id: 'd-cut',
      scope: 'principal',
      value: 'mallory',
      type: 'revoke',
      issuedUntil: (iat - 30) * 1000,
    })
    expect((await edge.send({ token: older })).status).toBe(401)
    expect((await edge.send({ token: newer })).status).toBe(200)
    expect((await edge.send({ token: alices })).status).toBe(200)
  })

  it('can not be made to blame a principal by a forged token', async () => {
    decide({ id: 'd-sub', scope: 'principal', value: 'mallory', type: 'deny' })
    const [header, , signature] = (await edge.sign({ sub: 'alice' })).split('.')
    const payload = Buffer.from(JSON.stringify({ iss: 'https://issuer.example', sub: 'mallory' })).toString(
      'base64url',
    )
    const forged = await edge.send({ token: `${header}.${payload}.${signature}`, path: '/forged' })
    expect(forged.status).toBe(401)
    await logLine('/forged').toMatchObject({
      response_code_details: expect.stringContaining('jwt_authn'),
      jwt_sub: null,
      authz: null,
    })
    expect((await edge.send({ token: await edge.sign({ sub: 'mallory' }) })).status).toBe(403)
  })

  it.each([true, false])('lets nobody forge the marks, with Picket there: %s', async (isThere) => {
    if (!isThere) await edge.stopAuthz()
    const headers = { 'x-picket-decision': 'forged', 'x-envoy-auth-failure-mode-allowed': 'forged' }
    const path = `/mark/${isThere}`
    const answer = await edge.send({ headers, path })
    await edge.startAuthz()
    expect(answer.headers).toMatchObject({ 'x-upstream': 'yes' })
    expect(answer.headers['x-picket-decision']).toBeUndefined()
    const arrived = edge.upstream.requests.at(-1)
    expect(arrived?.path).toBe(path)
    expect(arrived?.headers['x-picket-decision']).toBeUndefined()
    await logLine(path).toMatchObject({ authz: null, authz_failed_open: isThere ? null : 'true' })
  })

  it('lets everything pass while Picket is broken, gone or hanging, and enforces again afterwards', async () => {
    const attackerStatus = async () => (await edge.send({ ip: attacker })).status
    decide({ id: 'd-open', scope: 'ip', value: attacker, type: 'deny' })
    // Envoy waits a little before it connects again to who was away.
    await expect.poll(attackerStatus, { timeout: 20_000 }).toBe(403)

    broken = true
    await expectServed([attacker, ...others])
    expect(edge.authz()?.counts().error).toBeGreaterThan(0)
    broken = false
    expect(await attackerStatus()).toBe(403)

    await edge.stopAuthz()
    await expectServed([attacker, ...others])
    expect((await edge.send({ ip: attacker, path: '/open' })).status).toBe(200)
    await logLine('/open').toMatchObject({ response_code: 200, authz: null, authz_failed_open: 'true' })

    const hanging = await startSilentServer(edge.authzPort)
    try {
      // Each waits until Envoy asks no longer.
      await Promise.all([attacker, ...others].map((ip) => expectServed([ip])))
    } finally {
      await hanging.stop()
    }
    await edge.startAuthz()
    await expect.poll(attackerStatus, { timeout: 20_000 }).toBe(403)
    await expectServed(others)
  }, 60_000)
})
