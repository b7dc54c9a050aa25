import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { Event } from '../../core/event/event.ts'
import { judgeEvents } from '../../test/engine/judge-events.ts'
import {
  issuedToken,
  logOut,
  phoneMoves,
  steadyUse,
  stolenToken,
  tokenUse,
} from '../../test/scenarios/jti-reuse.ts'
import { clients, type TokenClient } from '../../test/scenarios/token-clients.ts'
import { config } from './config.ts'
import { jtiReuse } from './jti-reuse.ts'

const start = Date.UTC(2031, 0, 5, 9, 1)
const minute = 60_000
const { browser, script, phone, phoneOnTheRoad } = clients

function judged(events: readonly Event[], overrides: Record<string, unknown> = {}) {
  return judgeEvents(jtiReuse, events, { config: overrides })
}

/** Fields that a log does not have. */
function without(events: readonly Event[], ...fields: (keyof Event)[]): Event[] {
  return events.map((event) => {
    const rest: Partial<Event> = { ...event }
    for (const field of fields) delete rest[field]
    return rest as Event
  })
}

function severities(events: readonly Event[], overrides: Record<string, unknown> = {}) {
  return judged(events, overrides).finals.map(
    ({ entity, severity }) => `${entity.kind}:${entity.id} ${severity}`,
  )
}

it('default.yaml holds the defaults', () => {
  expect(parse(readFileSync(join(import.meta.dirname, 'default.yaml'), 'utf8'))).toEqual(config.parse({}))
})

it('a window that is not whole minutes is refused', () => {
  expect(() => judged(stolenToken(1, start), { window: '90s' })).toThrow('multiple of its pane')
})

describe('two places', () => {
  it('are found with nothing but addresses and user agents', () => {
    const bare = without(
      stolenToken(1, start),
      'kind',
      'vantage',
      'service',
      'client.ja4',
      'client.asn',
      'client.country',
      'token.aud',
      'token.iat',
      'token.exp',
      'principal.id',
    )
    expect(severities(bare)).toEqual(['token:stolen-1 high'])
  })

  it('are found when the thief uses the token in one burst', () => {
    const token = issuedToken('burst', start)
    const owner = tokenUse({ seed: 1, token, client: browser, start, durationMs: 20 * minute, uses: 20 })
    const burst = tokenUse({
      seed: 2,
      token,
      client: script,
      start: start + 7 * minute + 31_000,
      durationMs: 900,
      uses: 20,
    })
    expect(severities(without([...owner, ...burst], 'client.ja4'))).toEqual(['token:burst high'])
  })

  it('are found with the same user agent, no fingerprint and another country, but not as sure', () => {
    const copied = without(stolenToken(2, start, 'copied', clients.disguised), 'client.ja4')
    const [finding] = judged(copied).finals
    expect(finding).toMatchObject({ severity: 'medium', evidence: { basis: 'country' } })
    expect(finding?.score).toBeLessThan(0.8)
  })

  it('are a note with only the same user agent from two far networks', () => {
    const copied = without(
      stolenToken(2, start, 'copied', clients.disguised),
      'client.ja4',
      'client.asn',
      'client.country',
    )
    expect(severities(copied)).toEqual(['token:copied info'])
  })

  it('are found by country when the log knows no software at all', () => {
    const unknown = without(stolenToken(3, start), 'client.ja4', 'client.user_agent')
    expect(severities(unknown)).toEqual(['token:stolen-3 medium'])
  })

  it('are seen through many user agents of one thief', () => {
    const token = issuedToken('many', start)
    const owner = tokenUse({ seed: 1, token, client: browser, start, durationMs: 20 * minute, uses: 20 })
    const thief = tokenUse({
      seed: 2,
      token,
      client: script,
      start: start + minute,
      durationMs: 15 * minute,
      uses: 15,
    })
    const masks = thief.map((event, index) => ({
      ...event,
      'client.user_agent': `bot-${String.fromCharCode(97 + index)}`,
    }))
    expect(severities([...owner, ...masks])).toEqual(['token:many critical'])
  })

  it('are found within one network only when both software traits differ', () => {
    const neighbour: TokenClient = { ...script, addresses: [{ ip: '203.0.113.99' }] }
    const theft = stolenToken(4, start, 'near', neighbour)
    expect(severities(theft)).toEqual(['token:near medium'])
    expect(severities(without(theft, 'client.ja4'))).toEqual([])
  })

  it('that a verifier refused are no use', () => {
    const token = issuedToken('refused', start)
    const owner = tokenUse({ seed: 1, token, client: browser, start, durationMs: 20 * minute, uses: 20 })
    const thief = tokenUse({
      seed: 2,
      token,
      client: script,
      start: start + minute,
      durationMs: 15 * minute,
      uses: 15,
    })
    expect(severities([...owner, ...thief.map((event) => ({ ...event, status: 401 }))])).toEqual([])
    expect(severities([...owner, ...thief.map((event) => ({ ...event, enforced_by: 'd-1' }))])).toEqual([])
  })

  it('are one place when the operator trusts the second', () => {
    expect(severities(stolenToken(5, start), { trusted_networks: ['192.0.2.0/24'] })).toEqual([])
    expect(severities(stolenToken(5, start), { trusted_user_agents: ['python-requests/'] })).toEqual([])
  })
})

describe('one device', () => {
  it('moves between networks, with and without fingerprint or enrichment', () => {
    for (const fields of [
      [],
      ['client.ja4'],
      ['client.asn', 'client.country'],
      ['client.ja4', 'client.asn', 'client.country'],
    ] as const)
      expect(severities(without(phoneMoves(1, start), ...fields))).toEqual([])
  })

  it('flaps between Wi-Fi and mobile data', () => {
    expect(severities(steadyUse(1, start, 'flap', phone, phoneOnTheRoad))).toEqual([])
  })

  it('runs an app and its web view, at home and on the road', () => {
    const view = {
      userAgent: 'Mozilla/5.0 (Linux; Android 15; wv) Chrome/131.0',
      ja4: 't13d1516h2_8daaf6152771_02713d6af862',
    }
    const token = issuedToken('view', start)
    const stretch = (seed: number, client: TokenClient, from: number) =>
      tokenUse({ seed, token, client, start: start + from * minute, durationMs: 10 * minute, uses: 20 })
    const events = [
      ...stretch(1, phone, 0),
      ...stretch(2, { ...phone, ...view }, 0),
      ...stretch(3, phoneOnTheRoad, 12),
      ...stretch(4, { ...phoneOnTheRoad, ...view }, 12),
      ...stretch(5, phone, 24),
    ]
    expect(severities(events)).toEqual([])
  })

  it('speaks IPv4 and IPv6, QUIC and TCP, without enrichment', () => {
    const dual = steadyUse(1, start, 'dual', clients.dualStack)
    const quic = dual.map((event, index) =>
      index % 3 === 0 && event['client.ja4']
        ? { ...event, 'client.ja4': 'q13d0312h3_55b375c5d22e_06cda9e17597' }
        : event,
    )
    expect(severities(without(quic, 'client.asn', 'client.country'))).toEqual([])
    expect(severities(without(quic, 'client.asn', 'client.country', 'client.ja4'))).toEqual([])
  })

  it('shows another JA3 with every connection, behind two egress addresses', () => {
    const pool = steadyUse(1, start, 'ja3', clients.egressPool).map((event, index) =>
      event['client.ja4'] ? { ...event, 'client.ja4': index.toString(16).padStart(32, '0') } : event,
    )
    expect(severities(pool)).toEqual([])
  })

  it('goes through two uplinks of an office: silent with a fingerprint, a note without', () => {
    const office = steadyUse(3, start, 'office', clients.twoUplinks)
    const bases = (events: readonly Event[]) =>
      judged(events).finals.map(({ severity, evidence }) => `${severity} ${evidence.basis}`)
    const ja4 = 't13d1516h2_8daaf6152771_02713d6af862'
    expect(bases(office.map((event) => ({ ...event, 'client.ja4': ja4 })))).toEqual([])
    expect(bases(office)).toEqual(['info asn'])
    expect(bases(without(office, 'client.asn', 'client.country'))).toEqual(['info network'])
  })

  it('goes through a pool of egress addresses, whatever the log knows of them', () => {
    const pool = steadyUse(2, start, 'pool', clients.egressPool)
    for (const fields of [
      [],
      ['client.ja4'],
      ['client.asn', 'client.country'],
      ['client.ja4', 'client.asn', 'client.country'],
    ] as const)
      expect(severities(without(pool, ...fields))).toEqual([])
  })
})

describe('log-out', () => {
  const token = issuedToken('out', start)
  const before = tokenUse({ seed: 1, token, client: phone, start, durationMs: 5 * minute, uses: 5 })
  const out = logOut(token, phone, start + 6 * minute)
  const usedAt = (client: TokenClient, from: number) =>
    tokenUse({ seed: 2, token, client, start: start + from, durationMs: 1000, uses: 1 })

  it('ends a token: the owner’s own later use is medium, a stranger’s high', () => {
    expect(severities([...before, out, ...usedAt(phone, 60 * minute)])).toEqual(['token:out medium'])
    expect(severities([...before, out, ...usedAt(script, 60 * minute)])).toEqual(['token:out high'])
  })

  it('lets requests under way end within the leeway', () => {
    expect(severities([...before, out, ...usedAt(phone, 6 * minute + 50_000)])).toEqual([])
  })

  it('is read from the route where the log has no outcome', () => {
    const page = { ...out, 'auth.outcome': undefined, kind: 'http', method: 'GET', status: 200 } as Event
    expect(severities([...before, page, ...usedAt(phone, 60 * minute)])).toEqual([])
    expect(severities([...before, { ...page, status: 302 }, ...usedAt(phone, 60 * minute)])).toEqual([
      'token:out medium',
    ])
  })

  it('of a session blames the session, unless it was begun again', () => {
    const session = { 'session.id': 's-1' }
    const uses = [...before, ...usedAt(phone, 60 * minute)].map((event) => ({ ...event, ...session }))
    const ended = { ...out, ...session, 'token.jti': undefined }
    expect(severities([...uses, ended])).toEqual(['session:s-1 medium'])
    const again = { ...ended, time: start + 20 * minute, 'auth.outcome': 'success' }
    expect(severities([...uses, ended, again])).toEqual([])
    expect(severities([...uses, ended], { session_logouts: false })).toEqual([])
  })

  it('leaves log-in, refresh and log-out routes to dead tokens', () => {
    const refresh = usedAt(phone, 60 * minute).map((event) => ({
      ...event,
      path: '/oauth/token',
      method: 'POST',
    }))
    expect(severities([...before, out, ...refresh])).toEqual([])
  })
})

describe('life', () => {
  const use = (token: ReturnType<typeof issuedToken>, at: number) =>
    without(tokenUse({ seed: 1, token, client: phone, start: at, durationMs: 1, uses: 1 }), 'service')
  const token = issuedToken('life', start)

  it('ends at expiry and leeway, to the millisecond', () => {
    const [event] = use(token, token.expires) as [Event]
    expect(severities([{ ...event, time: token.expires + 60_000, status: 200 }])).toEqual([])
    expect(severities([{ ...event, time: token.expires + 60_001, status: 200 }])).toEqual([
      'token:life medium',
    ])
    expect(severities([{ ...event, time: token.expires + 60_001, status: 302 }])).toEqual([])
  })

  it('is proved at arrival', () => {
    const [event] = use(token, token.expires) as [Event]
    const { provisional, finals } = judged([{ ...event, time: token.expires + 3_600_000, status: 200 }])
    expect([...provisional]).toEqual(finals.map(({ id }) => id))
    expect(provisional.size).toBe(1)
  })

  it('has no end where the expiry is zero or before the issue', () => {
    const [event] = use(token, token.expires) as [Event]
    expect(
      severities([
        { ...event, 'token.exp': 0 },
        { ...event, 'token.exp': token.issued - 1 },
      ]),
    ).toEqual([])
  })
})
