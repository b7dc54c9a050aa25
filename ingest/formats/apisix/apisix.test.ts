import { expect, it } from 'vitest'
import { decodeLine } from '../../../test/formats/decode-line.ts'
import { apisix } from './apisix.ts'

function event(value: object) {
  const decoded = decodeLine(apisix.open({}), JSON.stringify({ start_time: 1_772_442_000_123, ...value }))
  if (decoded.outcome !== 'event') throw new Error(JSON.stringify(decoded))
  return decoded.event
}

it('takes consumers, never the name that Basic authentication was tried with', () => {
  expect(event({ consumer: { username: 'ann' }, consumer_name: 'other' })['principal.id']).toBe('ann')
  expect(event({ consumer_name: 'bob' })['principal.id']).toBe('bob')
  expect(event({ remote_user: 'root', status: 200 })['principal.id']).toBeUndefined()
})

it('reads variables of a log_format beside the default entry, and the line of a request', () => {
  expect(event({ request: 'GET /a/7?x=1 HTTP/1.1', status: '200', request_time: '0.012' })).toMatchObject({
    method: 'GET',
    path: '/a/7',
    status: 200,
    latency_ms: 12,
  })
  const entry = { request: { uri: '/b', method: 'POST' }, response: { status: 500 } }
  expect(event(entry)).toMatchObject({ method: 'POST', path: '/b', status: 500 })
})
