import { describe, expect, it } from 'vitest'
import { decodeLine } from '../../../test/formats/decode-line.ts'
import { combined } from '../combined/combined.ts'
import type { JsonLogOptions } from '../json-log.ts'
import { traefik } from './traefik.ts'

function decode(line: object | string, options: JsonLogOptions = {}) {
  const text = typeof line === 'string' ? line : JSON.stringify({ StartUTC: '2026-03-02T09:00:00Z', ...line })
  return decodeLine(traefik.open(options), text)
}

describe('JSON', () => {
  const client = { ClientAddr: '10.0.0.5:40112', ClientHost: '1.1.1.1, 192.0.2.7' }

  it('takes the peer, never the first address that a client claimed', () => {
    expect(decode(client)).toMatchObject({ event: { 'client.ip': '10.0.0.5' } })
    expect(decode(client, { trusted_hops: 1 })).toMatchObject({ event: { 'client.ip': '192.0.2.7' } })
    expect(decode({ ClientHost: '203.0.113.9' })).toMatchObject({ event: { 'client.ip': '203.0.113.9' } })
    const listed = decode({ ClientHost: '1.1.1.1, 192.0.2.7' })
    expect(listed).toMatchObject({ outcome: 'event' })
    expect(listed).not.toHaveProperty(['event', 'client.ip'])
  })

  it('takes a user name only where the operator vouches for it', () => {
    const line = { ClientUsername: 'admin', DownstreamStatus: 200 }
    expect(decode(line)).not.toHaveProperty(['event', 'principal.id'])
    const mapped = decode(line, { fields: { 'principal.id': 'ClientUsername' } })
    expect(mapped).toMatchObject({ event: { 'principal.id': 'admin' } })
  })

  it('reads nanoseconds', () => {
    expect(decode({ Duration: 1_500_000 })).toMatchObject({ event: { latency_ms: 1.5 } })
    expect(decode({ Duration: 499 })).toMatchObject({ event: { latency_ms: 0 } })
  })
})

describe('common log', () => {
  const head = '203.0.113.9 - - [02/Mar/2026:09:00:00 +0000] "GET /a HTTP/1.1" 200 5'
  const tail = '7 "r@docker" "http://10.0.0.1" 12ms'

  it('takes nothing from behind the agent, which may look like any field', () => {
    const agent = 'x" "y" sub=root principal.id=root jti=t status=500 1 "r" "u" 9ms'
    const line = `${head} "-" "${agent}" ${tail}`
    expect(decode(line)).toEqual({
      outcome: 'event',
      event: {
        time: Date.UTC(2026, 2, 2, 9),
        kind: 'http',
        vantage: 'edge',
        gateway: 'traefik',
        method: 'GET',
        route: '/a',
        path: '/a',
        status: 200,
        latency_ms: 12,
        bytes_out: 5,
        'client.ip': '203.0.113.9',
        'client.user_agent': agent,
      },
    })
    // As combined the same line makes its sender whoever he likes: detection must not say that it is one.
    expect(decodeLine(combined.open({}), line)).toMatchObject({ event: { 'principal.id': 'root' } })
    expect(traefik.confidence(line)).toBeGreaterThan(combined.confidence(line))
  })

  it('refuses a user name that could move fields, and believes none', () => {
    const forged = ' - a [02/Mar/2026:08:00:00 +0000] "GET /b HTTP/1.1" 404 1 "-" "-" '
    const moved = `${head.replace(' - - ', forged)} "-" "-" ${tail}`
    expect(decode(moved)).toMatchObject({ reason: 'not_parsable' })
    expect(traefik.confidence(moved)).toBe(0)
    for (const user of ['a b', 'a"b', 'a]b', '[x']) {
      const line = head.replace(' - - ', ` - ${user} `)
      expect(decode(`${line} "-" "-" ${tail}`)).toMatchObject({ reason: 'not_parsable' })
    }
    const named = decode(`${head.replace(' - - ', ' - admin ')} "-" "-" ${tail}`)
    expect(named).not.toHaveProperty(['event', 'principal.id'])
  })

  it('takes the entry of a trusted hop, and refuses other lines', () => {
    const listed = `${head.replace('203.0.113.9', '1.1.1.1, 192.0.2.7')} "-" "-" ${tail}`
    expect(decode(listed)).not.toHaveProperty(['event', 'client.ip'])
    expect(decode(listed, { trusted_hops: 1 })).toMatchObject({ event: { 'client.ip': '192.0.2.7' } })
    expect(decode(head)).toMatchObject({ reason: 'not_parsable' })
    expect(decode(`${head} "-" "-" ${tail}`.replace('02/Mar', '31/Feb'))).toMatchObject({
      reason: 'time_invalid',
    })
    expect(decode(' ')).toEqual({ outcome: 'skip' })
    expect(decode(`${'1,'.repeat(20_000)} - x`)).toMatchObject({ reason: 'not_parsable' })
    expect(decode(`${head} ${' 1 "a" "b"'.repeat(5000)}`)).toMatchObject({ reason: 'not_parsable' })
  })
})
