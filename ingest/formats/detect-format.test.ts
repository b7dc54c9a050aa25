import { expect, it } from 'vitest'
import { decodeLine } from '../../test/formats/decode-line.ts'
import { detectFormat } from './detect-format.ts'
import { openFormat } from './format-options.ts'

const combinedLine = '192.0.2.1 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "curl"'
const samples = {
  canonical: '{"time":1763800000000,"method":"GET","path":"/","status":200,"client":{"ip":"192.0.2.1"}}',
  envoy:
    '{"start_time":"2025-11-22T08:26:40Z","method":"GET","path":"/","response_code":200,"response_flags":"-"}',
  'nginx-json':
    '{"time_iso8601":"2025-11-22T08:26:40Z","remote_addr":"192.0.2.1","request_uri":"/","status":200}',
  combined: combinedLine,
}

it.each(Object.entries(samples))('tells %s', (format, line) => {
  expect(detectFormat([line, '', line])).toMatchObject({ outcome: 'detected', format })
})

it('tells formats that share names', () => {
  const ours =
    '{"ts":"2025-11-22T08:26:40Z","method":"GET","path":"/","status":200,"rcd":"via_upstream","dur_ms":1}'
  expect(detectFormat([ours])).toMatchObject({ format: 'envoy' })
  const short =
    '{"time":"2025-11-22T08:26:40Z","method":"GET","path":"/","response_code":200,"upstream_host":"-"}'
  expect(detectFormat([short])).toMatchObject({ format: 'envoy' })
  expect(detectFormat(['{"time":"2025-11-22T08:26:40Z"}'])).toMatchObject({ format: 'canonical' })
  expect(detectFormat(['{"time":1,"status":200,"principal.id":"a","latency_ms":3}'])).toMatchObject({
    format: 'canonical',
  })
})

it('sees through rubbish at the start', () => {
  const rubbish = ['x'.repeat(1_000_000), '{', '\u0000', '[]', '{"a":1}']
  expect(detectFormat([...rubbish, samples.canonical])).toMatchObject({ format: 'canonical' })
})

it('says so when nothing fits', () => {
  expect(detectFormat([' ', ''])).toMatchObject({ outcome: 'unknown' })
  expect(detectFormat(['2021/09/30 09:23:53 [error] 1#1: x', '{"a":1}'])).toMatchObject({
    outcome: 'unknown',
    detail: expect.stringContaining('canonical, envoy, nginx-json, combined'),
  })
})

it('opens each format with strict options', () => {
  for (const [format, line] of Object.entries(samples)) {
    expect(decodeLine(openFormat(format as keyof typeof samples), line)).toMatchObject({ outcome: 'event' })
  }
  expect(() => openFormat('envoy', { trusted_hop: 1 })).toThrow('trusted_hop')
  expect(() => openFormat('envoy', { fields: { 'principal.idd': 'sub.x' } })).toThrow('principal.idd')
  expect(decodeLine(openFormat('combined', { fields: ['latency_s'] }), `${combinedLine} 1.5`)).toMatchObject({
    event: { latency_ms: 1500 },
  })
})
