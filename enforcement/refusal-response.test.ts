import { describe, expect, it } from 'vitest'
import type { Decision } from '../core/decision/decision.ts'
import { refusalResponse } from './refusal-response.ts'

const decision: Decision = {
  id: 'd-12',
  scope: 'ip',
  value: '203.0.113.7',
  type: 'deny',
  from: 0,
  until: 1,
  reason: 'secret reason',
  by: 'person:ada',
}

describe('refusalResponse', () => {
  it('slows down with 429, Retry-After and the problem type of abnormal usage', () => {
    const { status, headers, body } = refusalResponse({ type: 'throttle', decision, retryAfterS: 17 })
    expect(status).toBe(429)
    expect(Object.fromEntries(headers)).toMatchObject({
      'retry-after': '17',
      'x-picket-decision': 'd-12',
      'content-type': 'application/problem+json',
    })
    expect(JSON.parse(body)).toMatchObject({
      type: 'https://iana.org/assignments/http-problem-types#abnormal-usage-detected',
      status: 429,
      instance: 'd-12',
    })
  })

  it('refuses a token with the challenge of RFC 6750', () => {
    const { status, headers } = refusalResponse({ type: 'revoke', decision })
    expect(status).toBe(401)
    expect(headers).toContainEqual(['www-authenticate', 'Bearer error="invalid_token"'])
  })

  it('denies with 403 and never says why', () => {
    const { status, headers, body } = refusalResponse({ type: 'deny', decision })
    expect(status).toBe(403)
    expect(JSON.stringify([headers, body])).not.toContain('secret')
  })

  it.each(['a\r\nset-cookie: x', 'ünïcode', 'x'.repeat(500), ''])('makes id %j fit for a header', (id) => {
    const { headers } = refusalResponse({ type: 'deny', decision: { ...decision, id } })
    expect(Object.fromEntries(headers)['x-picket-decision']).toMatch(/^[0-9a-f]{64}$/)
  })
})
