import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeLine } from '../../../test/formats/decode-line.ts'
import { openFormat } from '../format-options.ts'
import { type FormatId, formatIds } from '../formats.ts'
import { type Explained, explainLine } from './explain-line.ts'
import type { Dropped } from './why-dropped.ts'

function explain(format: FormatId, line: string, options: object = {}): Explained {
  return explainLine(Buffer.from(line), { format, decode: openFormat(format, options) })
}

type Told = Extract<Explained, { outcome: 'event' }>

function told(format: FormatId, line: object | string, options: object = {}): Told {
  const text = typeof line === 'string' ? line : JSON.stringify(line)
  const explained = explain(format, text, options)
  if (explained.outcome !== 'event') throw new Error(JSON.stringify(explained))
  return explained
}

function reasonOf(dropped: readonly Dropped[], key: string): string | undefined {
  return dropped.find((one) => one.key === key)?.reason
}

const samples = formatIds.flatMap((format) => {
  const folder = new URL(`../${format}/samples/`, import.meta.url)
  const logs = readdirSync(folder).filter((name) => name.endsWith('.log'))
  return logs.flatMap((name) =>
    readFileSync(new URL(name, folder), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line, index) => ({ format, name: `${name}:${index + 1}`, line })),
  )
})

describe.each(samples)('$format $name', ({ format, line }) => {
  it('shows the event that the decoder makes, each field once, each key mapped or dropped', () => {
    const expected = decodeLine(openFormat(format), line)
    const explained = explain(format, line)
    expect(explained.outcome).toBe(expected.outcome)
    if (explained.outcome !== 'event' || expected.outcome !== 'event') return
    const fields = explained.mapped.map(({ field }) => field)
    expect([...fields].sort()).toEqual(Object.keys(expected.event).sort())
    const mapped = new Set(explained.mapped.flatMap(({ key = '', beside = [] }) => [key, ...beside]))
    for (const { key } of explained.dropped) expect(mapped).not.toContain(key)
    // Constants of the format, and nothing else, have no key.
    const keyless = explained.mapped.filter(({ key }) => key === undefined).map(({ field }) => field)
    expect(['kind', 'vantage', 'gateway']).toEqual(expect.arrayContaining(keyless))
  })
})

describe('keys', () => {
  it('names the key that decides where several tell a field', () => {
    const line = {
      time: '2026-03-02T09:00:00Z',
      StartLocal: '2026-03-02T09:00:00Z',
      StartUTC: '2026-03-02T09:00:00Z',
    }
    const { mapped, dropped } = told('traefik', {
      ...line,
      RequestAddr: 'a.example',
      RequestHost: 'a.example',
    })
    expect(mapped).toContainEqual(expect.objectContaining({ field: 'time', key: 'StartUTC' }))
    expect(mapped).toContainEqual(expect.objectContaining({ field: 'host', key: 'RequestHost' }))
    expect(reasonOf(dropped, 'RequestAddr')).toBe('told_already')
  })

  it('names a proof beside what it proves', () => {
    const line = { started_at: 1, consumer: { username: 'ann' }, authenticated_entity: { id: 'k-1' } }
    const principal = told('kong', line).mapped.find(({ field }) => field === 'principal.id')
    expect(principal).toMatchObject({ key: 'consumer.username', beside: ['authenticated_entity.id'] })
  })

  it('goes into lists of named things, and through keys with dots', () => {
    const headers = [
      { name: 'Host', value: 'a.example' },
      { name: 'Cookie', value: 'x' },
    ]
    const { mapped, dropped } = told('aws-waf', { timestamp: 1, httpRequest: { headers } })
    expect(mapped).toContainEqual(
      expect.objectContaining({ field: 'host', key: 'httpRequest.headers[Host]' }),
    )
    expect(reasonOf(dropped, 'httpRequest.headers[Cookie]')).toBe('private')
    const dotted = told('canonical', { time: 1, 'client.ip': '192.0.2.1' })
    expect(dotted.mapped).toContainEqual(expect.objectContaining({ field: 'client.ip', key: 'client.ip' }))
  })
})

describe('reasons', () => {
  it('tells why a key tells nothing', () => {
    const { dropped } = told('envoy', {
      start_time: '2026-03-02T09:00:00Z',
      response_code: 'many',
      path: null,
      authorization: 'Bearer x',
      route_name: 'r',
      upstream_host: '10.0.0.1',
      metadata: { jti: 't-1' },
      duration: 5,
      dur_ms: 6,
    })
    const reasons = Object.fromEntries(dropped.map(({ key, reason }) => [key, reason]))
    expect(reasons).toEqual({
      response_code: 'unusable',
      path: 'empty',
      authorization: 'private',
      route_name: 'no_meaning',
      upstream_host: 'unknown',
      'metadata.jti': 'unknown',
      dur_ms: 'told_already',
    })
    expect(dropped.find(({ key }) => key === 'metadata.jti')?.candidate).toBe('token.jti')
  })

  it('takes the mapping of the operator into account', () => {
    const line = { start_time: '2026-03-02T09:00:00Z', metadata: { jti: 't-1' } }
    const { mapped } = told('envoy', line, { fields: { 'token.jti': 'metadata.jti' } })
    expect(mapped).toContainEqual(expect.objectContaining({ field: 'token.jti', key: 'metadata.jti' }))
  })

  it('says of a query told apart that its names are not allowlisted', () => {
    const request = { uri: '/a', args: 'page=2' }
    const { dropped } = told('aws-waf', { timestamp: 1, httpRequest: request })
    expect(reasonOf(dropped, 'httpRequest.args')).toBe('not_allowlisted')
  })
})

it('names the keys of a refused line', () => {
  expect(explain('envoy', '{"when":"noon","a":{"b":1}}')).toMatchObject({
    outcome: 'refused',
    reason: 'time_missing',
    keys: ['when', 'a.b'],
  })
})

it('never throws, and agrees with the decoder, whatever the line', () => {
  const line = fc.oneof(
    fc.json(),
    fc.string(),
    fc
      .constantFrom(...samples.map((sample) => sample.line))
      .chain((text) => fc.nat(text.length).map((at) => `${text.slice(0, at)}"${text.slice(at + 1)}`)),
    fc
      .dictionary(fc.constantFrom('time', '__proto__', 'a.b', 'client', 'path', ''), fc.jsonValue())
      .map((object) => JSON.stringify(object)),
  )
  const property = fc.property(fc.constantFrom(...formatIds), line, (format, text) => {
    expect(explain(format, text).outcome).toBe(decodeLine(openFormat(format), text).outcome)
  })
  fc.assert(property, { numRuns: 400 })
})
