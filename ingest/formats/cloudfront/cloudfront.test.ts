import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { decodeLine } from '../../../test/formats/decode-line.ts'
import { cloudfront } from './cloudfront.ts'
import type { CloudFrontOptions } from './extended-log.ts'

const [, fieldsLine = '', , line = ''] = readFileSync(
  new URL('samples/standard.log', import.meta.url),
  'utf8',
).split('\n')

function decode(text: string, options: CloudFrontOptions = {}) {
  return decodeLine(cloudfront.open(options), text)
}

describe('columns', () => {
  it('takes older logs, which have the first ones only', () => {
    const old = line.split('\t').slice(0, 12).join('\t')
    expect(decode(old)).toMatchObject({ event: { path: '/login', 'client.ip': '2001:db8::7' } })
    expect(decode(line.split('\t').slice(0, 11).join('\t'))).toMatchObject({ reason: 'not_parsable' })
    expect(decode(`${line}\tx`)).toMatchObject({ reason: 'not_parsable' })
  })

  it('refuses a header that names others, and lines that do not fit', () => {
    expect(decode(fieldsLine)).toEqual({ outcome: 'skip' })
    const other = '#Fields: timestamp(ms) c-ip cs-method cs-uri-stem sc-status'
    expect(decode(other)).toMatchObject({
      reason: 'field_invalid',
      detail: expect.stringContaining('columns'),
    })
    const [date = '', time = '', ...rest] = line.split('\t')
    expect(decode([time, date, ...rest].join('\t'))).toMatchObject({
      detail: expect.stringContaining('column 1'),
    })
    expect(decode('no tabs')).toMatchObject({ reason: 'not_parsable' })
  })

  it('reads the columns that are configured', () => {
    const columns = 'timestamp(ms) c-ip cs-method cs-uri-stem sc-status x-user'
    const options = { columns, fields: { 'principal.id': 'x-user' } }
    expect(decode(`#Fields: ${columns}`, options)).toEqual({ outcome: 'skip' })
    expect(decode('1772442000123\t203.0.113.9\tGET\t/a/7\t200\tann', options)).toMatchObject({
      event: {
        time: 1_772_442_000_123,
        'client.ip': '203.0.113.9',
        path: '/a/7',
        status: 200,
        'principal.id': 'ann',
      },
    })
    expect(decode('1772442000123\tx\tGET\t/a/7\t200\tann', options)).toMatchObject({ reason: 'not_parsable' })
  })
})

it('takes the viewer, or the entry of a trusted hop with its blanks decoded', () => {
  expect(decode(line)).toMatchObject({ event: { 'client.ip': '2001:db8::7' } })
  expect(decode(line, { trusted_hops: 1 })).toMatchObject({ event: { 'client.ip': '198.51.100.4' } })
})

it('decodes agents once or twice, and leaves what is no encoding', () => {
  const agentOf = (agent: string) =>
    decode(JSON.stringify({ 'timestamp(ms)': '1772442000123', 'cs(User-Agent)': agent }))
  expect(agentOf('a%20b')).toMatchObject({ event: { 'client.user_agent': 'a b' } })
  expect(agentOf('a%2520b')).toMatchObject({ event: { 'client.user_agent': 'a b' } })
  expect(agentOf('100%')).toMatchObject({ event: { 'client.user_agent': '100%' } })
  expect(agentOf('%ff%20')).toMatchObject({ event: { 'client.user_agent': '%ff%20' } })
})
