import { expect, it } from 'vitest'
import { decodeLine } from '../../../test/formats/decode-line.ts'
import type { JsonLogOptions } from '../json-log.ts'
import { awsWaf } from './aws-waf.ts'

function event(httpRequest: object, rest: object = {}, options: JsonLogOptions = {}) {
  const line = { timestamp: 1_772_442_000_123, action: 'BLOCK', httpRequest, ...rest }
  const decoded = decodeLine(awsWaf.open(options), JSON.stringify(line))
  if (decoded.outcome !== 'event') throw new Error(JSON.stringify(decoded))
  return decoded.event
}

it('takes the first of equal headers, and forwarding addresses only from a trusted hop', () => {
  const headers = [
    { name: 'User-Agent', value: 'first' },
    { name: 'user-agent', value: 'second' },
    { name: 'X-Forwarded-For', value: '1.1.1.1' },
    { name: 'x-forwarded-for', value: '192.0.2.7' },
    { name: 7, value: 'x' },
    'x',
  ]
  const request = { clientIp: '203.0.113.9', headers }
  expect(event(request)).toMatchObject({ 'client.user_agent': 'first', 'client.ip': '203.0.113.9' })
  expect(event(request, {}, { trusted_hops: 1 })['client.ip']).toBe('192.0.2.7')
  expect(event({ headers: { name: 'User-Agent', value: 'x' } })['client.user_agent']).toBeUndefined()
})

it('puts the query behind the path before names of it are chosen', () => {
  const request = { uri: '/track', args: 'order=17&token=not-for-us' }
  expect(event(request)).toMatchObject({ path: '/track', route: '/track?order={id}', 'object.id': '17' })
  expect(event(request, {}, { query_names: ['order'] }).path).toBe('/track?order=17')
})

it('tells the decision and why', () => {
  expect(event({}, { action: 'CAPTCHA', labels: [{ name: 'a' }, {}, { name: 'b' }] })).toMatchObject({
    kind: 'policy',
    'policy.decision': 'captcha',
    'policy.reason': 'a b',
  })
  expect(event({}, { action: 7, labels: 'x' })['policy.decision']).toBeUndefined()
})
