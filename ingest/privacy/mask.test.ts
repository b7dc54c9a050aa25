import fc from 'fast-check'
import { expect, it } from 'vitest'
import { maskRaw, rawBytesMax } from './mask.ts'

it.each([
  'Authorization: Bearer s3cret.s3cret',
  'authorization: Basic czNjcmV0',
  '{"authorization":"Bearer s3cret","x":1}',
  '{"headers":{"cookie":"a=s3cret; b=s3cret"}}',
  'Cookie: a=s3cret; b=s3cret',
  'GET /reset?token=s3cret&x=1',
  'GET /a?api_key=s3cret',
  'GET /a?access_token=s3cret#frag',
  '{"password":"s3cret \\" s3cret"}',
  '{"user":{"passwd": "s3cret',
  '{\\"client_secret\\":\\"s3cret\\"}',
  "password='s3cret s3cret'",
  'x-api-key: s3cret',
  '"session_id":"s3cret"',
  'https://ann:s3cret@host/',
  '"auth.account":"s3cret"',
  'eyJhbGciOiJIUzI1NiJ9.s3cret.s3cret',
  'key sk_live_s3crets3cret',
])('masks %s', (raw) => {
  const masked = maskRaw(raw)
  expect(masked).toContain('***')
  expect(masked.toLowerCase()).not.toMatch(/s3cret|s3crets3cret|czNjcmV0/i)
})

it('keeps what is no credential readable', () => {
  const raw = '{"time":"now","method":"GET","path":"/orders/7","status":200,"client":{"ip":"192.0.2.1"}}'
  expect(maskRaw(raw)).toBe(raw)
  expect(maskRaw('{"password":"x","status":200}')).toBe('{"password":"***","status":200}')
  expect(maskRaw('GET /a?token=x&page=2 HTTP/1.1')).toBe('GET /a?token=***&page=2 HTTP/1.1')
})

it('writes control and direction characters out', () => {
  expect(maskRaw('a\u001b[31m\r\nb\u202e\u009b\u0000')).toBe('a\\x1b[31m\\x0d\\x0ab\\u202e\\x9b\\x00')
})

it('keeps at most 4 KB, whole characters, of any bytes', () => {
  expect(Buffer.byteLength(maskRaw('é'.repeat(100_000)))).toBeLessThanOrEqual(rawBytesMax)
  expect(maskRaw('é'.repeat(100_000))).not.toContain('\ufffd')
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20_000 }), (bytes) => {
      const masked = maskRaw(bytes)
      expect(Buffer.byteLength(masked)).toBeLessThanOrEqual(rawBytesMax)
      expect(masked).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/)
    }),
  )
})

it('takes time in proportion to the text, whatever it repeats', () => {
  for (const text of [
    'token',
    'a',
    'password=',
    'eyJaaaaaa.',
    'bearer ',
    '"',
    '\\',
    'cookie:',
    '://a',
    'token=\\"',
    "'",
  ]) {
    // The quickest, for the machine may pause in any of them.
    let quickestMs = Number.POSITIVE_INFINITY
    for (let round = 0; round < 10; round++) {
      const started = performance.now()
      maskRaw(text.repeat(9000))
      quickestMs = Math.min(quickestMs, performance.now() - started)
    }
    expect(quickestMs, text).toBeLessThan(100)
  }
})
