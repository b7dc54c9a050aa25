import { expect, it } from 'vitest'
import { decodeLine } from '../../test/formats/decode-line.ts'
import { openFormat } from './format-options.ts'
import type { FormatId } from './formats.ts'

const line = {
  canonical: '{"time":"2026-03-02T09:00:00Z","status":200,"principal":{"id":"-"},"session.id":"-"}',
  envoy: '{"start_time":"2026-03-02T09:00:00Z","response_code":200,"principal_id":"-","session_id":"-"}',
  'nginx-json': '{"msec":"1772442000.000","status":"200","remote_user":"-","session_id":"-"}',
  combined: '192.0.2.1 - - [02/Mar/2026:09:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "-" "-"',
} as const satisfies Partial<Record<FormatId, string>>
const options = { combined: { fields: ['session.id'] } } as const

it.each([
  ['envoy', undefined],
  ['nginx-json', undefined],
  ['combined', undefined],
  ['canonical', '-'],
] as const)('an id written - in %s is %s', (format, id) => {
  const decode = openFormat(format, format === 'combined' ? options.combined : {})
  const decoded = decodeLine(decode, line[format])
  if (decoded.outcome !== 'event') throw new Error(JSON.stringify(decoded))
  expect([decoded.event['principal.id'], decoded.event['session.id']]).toEqual([id, id])
})
