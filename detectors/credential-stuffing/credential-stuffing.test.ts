import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { Event } from '../../core/event/event.ts'
import { engineFor, type JudgeOptions } from '../../test/engine/judge-events.ts'
import {
  appJa4,
  botAddress,
  lockedOut,
  people,
  recorded,
  stuffing,
  withJa4,
} from '../../test/scenarios/credential-stuffing.ts'
import { attemptOf } from './attempt.ts'
import { config } from './config.ts'
import { credentialStuffing } from './credential-stuffing.ts'

const minute = 60_000
const start = Date.UTC(2031, 5, 2, 8)
const defaults = config.parse({})

/** First findings of a recording; state is not stored on the way, which is what takes the time elsewhere. */
function judged(events: readonly Event[], options: JudgeOptions = {}) {
  const engine = engineFor(credentialStuffing, options)
  for (const event of events) engine.observe({ ...event })
  engine.advance(Number.POSITIVE_INFINITY)
  return engine.drain().findings.filter((finding) => finding.continues === undefined)
}
const blamed = (events: readonly Event[], options: JudgeOptions = {}) =>
  judged(events, options).map(({ entity }) => `${entity.kind}:${entity.id}`)
const single = {
  seed: 1,
  start: start + 20 * minute,
  durationMs: 5 * minute,
  tries: 40,
  ipOf: () => '203.0.113.50',
}
const benign = people({ seed: 2, start, durationMs: 40 * minute, count: 150 })
const spread = {
  ...single,
  durationMs: 10 * minute,
  ipOf: botAddress,
  ja4: (index: number) => `t13d${index}`,
}

it('default.yaml holds the defaults', () => {
  expect(parse(readFileSync(join(import.meta.dirname, 'default.yaml'), 'utf8'))).toEqual(defaults)
})

describe('what is a try', () => {
  const base = { time: start, 'client.ip': '203.0.113.7', method: 'POST', path: '/x', status: 401 }
  const failed = (fields: Partial<Event>) => attemptOf({ ...base, ...fields }, defaults)?.failed

  it.each([
    [{ path: '/login' }, true],
    [{ path: '/API/v2/Login/' }, true],
    [{ path: '/oauth2/token', status: 400 }, true],
    [{ path: '/account/signin.aspx', status: 302 }, false],
    [{ path: '/wp-login.php', status: 200 }, true],
    [{ path: '/wp-login.php', status: 302 }, false],
    [{ path: '/login', method: 'GET', status: 200 }, undefined],
    [{ path: '/login', status: 503 }, undefined],
    [{ path: '/loginhelp' }, undefined],
    [{ path: '/orders/1' }, undefined],
    [{ 'auth.outcome': 'failure', 'auth.account': 'k1:a' }, true],
    [{ 'auth.outcome': 'failure', 'auth.account': 'k1:a', 'auth.reason': 'upstream timeout' }, undefined],
    [{ 'auth.outcome': 'challenge', 'auth.account': 'k1:a' }, false],
    [{ 'auth.outcome': 'logout', 'auth.account': 'k1:a' }, undefined],
  ] as const)('%j: failed %s', (fields, expected) => {
    expect(failed(fields)).toBe(expected)
  })
})

describe('one cause has one name', () => {
  it('blames the /64 of rotating IPv6 addresses', () => {
    const ipOf = (index: number) => `2001:db8:5:7::${index + 1}`
    expect(blamed(recorded(benign, stuffing({ ...single, ipOf })))).toEqual(['ip:2001:db8:5:7::/64'])
  })

  it('blames the /48 of rotating /64s', () => {
    const ipOf = (index: number) => `2001:db8:5:${index + 1}::1`
    expect(blamed(recorded(benign, stuffing({ ...single, ipOf })))).toEqual(['network:2001:db8:5::/48'])
  })

  it('blames the address once when gateway and service see the same tries', () => {
    const seen = (style: 'accounts' | 'statuses') => stuffing({ ...single, style })
    const service = seen('accounts').map((event) => ({ ...event, vantage: 'service' }))
    const findings = judged(recorded(seen('statuses'), service))
    expect(findings.map(({ entity, evidence }) => [entity.kind, evidence.basis, evidence.failures])).toEqual([
      ['ip', 'accounts', 40],
    ])
  })

  it('is not deceived by an own account between the tries', () => {
    const own = stuffing(single).map((event, index) => ({
      ...event,
      time: event.time + 1,
      status: 200,
      'auth.account': `own-${index % 3}`,
      'auth.outcome': 'success',
    }))
    expect(blamed(recorded(benign, stuffing(single), own))).toEqual(['ip:203.0.113.50'])
  })
})

describe('software that honest people use is not blamed', () => {
  const fingerprint = `fingerprint:${appJa4}`
  const attack = stuffing({ ...spread, tries: 120, ja4: () => appJa4 })
  const users = (count: number) =>
    withJa4(people({ seed: 8, start, durationMs: 15 * minute, count, typoShare: 0, giveUpShare: 0 }), appJa4)

  it('nobody else logs in with it: it is blamed', () => {
    expect(blamed(recorded(benign, attack))).toEqual([fingerprint])
  })

  it('one honest log-in with it is no proof, six are', () => {
    expect(blamed(recorded(benign, users(1), attack))).toEqual([fingerprint])
    expect(blamed(recorded(benign, users(6), attack))).toEqual(['route:/login'])
  })

  it('an app whose users still log in is not broken: the route is blamed', () => {
    const until = people({ seed: 10, start, durationMs: 40 * minute, count: 140, typoShare: 0 })
    expect(blamed(recorded(benign, withJa4(until, appJa4), attack))).toEqual(['route:/login'])
  })

  it('a browser is not blamed even where no one is known to use it', () => {
    const ja4 = () => 't13d1516h2_8daaf6152771_02713d6af862'
    const events = stuffing({ ...spread, tries: 120, ja4 })
    expect(blamed(events)).toEqual(['route:/login'])
    expect(blamed(events, { config: { browser_ciphers: [] } })).toEqual([`fingerprint:${ja4()}`])
  })

  it('a campaign with several tools is told of the route, too', () => {
    const ja4 = (index: number) => `t13d190900_00000000000${index % 3}_97f8aa674fd9`
    const ids = blamed(recorded(benign, stuffing({ ...spread, tries: 300, ja4 })))
    expect(ids.filter((id) => id.startsWith('fingerprint:'))).toHaveLength(3)
    expect(ids).toContain('route:/login')
  })
})

describe('a log without names', () => {
  it.each([5, 6, 7])('an office whose passwords expired stays silent (seed %i)', (seed) => {
    const office = { seed, start, durationMs: 15 * minute, count: 80, failuresMax: 2, inShare: 0.8 }
    expect(blamed(lockedOut({ ...office, ip: '192.0.2.10' }))).toEqual([])
  })

  it('an outage without a log-in before stays silent, a botnet that comes back to its addresses does not', () => {
    const outage = { seed: 5, start, durationMs: 15 * minute, count: 150, failuresMax: 4, inShare: 0 }
    expect(blamed(lockedOut(outage))).toEqual([])
    const ipOf = (index: number) => `10.${100 + (index % 100)}.7.9`
    expect(blamed(stuffing({ ...spread, tries: 300, ipOf, style: 'statuses' }))).toEqual(['route:/login'])
  })
})

describe('the distributed form', () => {
  const events = recorded(benign, stuffing({ ...spread, tries: 60 }))

  it('is judged by the floor without a baseline, and says so', () => {
    const [finding] = judged(events)
    expect(finding?.entity).toEqual({ kind: 'route', id: '/login' })
    expect(finding?.evidence.thresholds).toContainEqual(
      expect.objectContaining({ measure: 'accounts', threshold: 30, source: 'floor' }),
    )
  })

  it('is judged by a baseline where there is one, and shows its numbers', () => {
    const threshold = (value: number) => () => ({
      value,
      source: 'entity' as const,
      centre: 10,
      spread: 5,
      samples: 300,
    })
    const [finding] = judged(events, { engine: { threshold: threshold(40) } })
    expect(finding?.evidence.thresholds).toContainEqual(
      expect.objectContaining({
        measure: 'addresses',
        threshold: 40,
        source: 'entity',
        centre: 10,
        samples: 300,
      }),
    )
    expect(blamed(events, { engine: { threshold: threshold(100) } })).toEqual([])
  })

  it('needs more accounts than honest people lose', () => {
    expect(blamed(recorded(benign, stuffing({ ...spread, tries: 20 })))).toEqual([])
  })

  it('is found among accounts that are known, when their owners still log in elsewhere', () => {
    const spray = stuffing({ ...spread, tries: 150 }).map((event, index) => ({
      ...event,
      'auth.account': `user-${index % 150}@mail.example`,
    }))
    const before = people({ seed: 9, start: start - 3 * 60 * minute, durationMs: 60 * minute, count: 150 })
    expect(blamed(recorded(before, benign, spray))).toContain('route:/login')
  })

  it('estimates a large attack from a sample', () => {
    const [finding] = judged(stuffing({ ...spread, tries: 6000 }))
    expect(finding?.evidence).toMatchObject({ sampled: true, form: 'distributed' })
    expect(Math.abs((finding?.evidence.accounts_tried as number) / 6000 - 1)).toBeLessThan(0.1)
  })
})

describe('places that many share stay silent', () => {
  it.each([3, 4, 5])('an office of 400 in twenty minutes, a third mistyping (seed %i)', (seed) => {
    const office = { seed, start, durationMs: 20 * minute, count: 400, typoShare: 0.3, giveUpShare: 0.05 }
    expect(blamed(people({ ...office, ip: '192.0.2.1' }))).toEqual([])
  })

  it("a gateway's address in a service's log", () => {
    const events = recorded(benign, stuffing({ ...spread, tries: 200 }))
    const behind = events.map((event) => ({ ...event, vantage: 'service', 'client.ip': '10.0.0.5' }))
    expect(blamed(behind).filter((id) => /^(ip|network)/.test(id))).toEqual([])
  })
})
