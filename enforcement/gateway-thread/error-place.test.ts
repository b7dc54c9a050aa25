import { expect, it } from 'vitest'
import { errorPlace } from './error-place.ts'

function thrown(error: Error): Error {
  return error
}

it('names an error by kind, code and place', () => {
  const error = thrown(Object.assign(new TypeError('about /secret'), { code: 'E_BAD' }))
  expect(errorPlace(error)).toMatch(/^TypeError E_BAD at .*error-place\.test\.ts:\d+:\d+/)
})

it.each(['one /secret', 'two\n    at /secret (secret.ts:1:1)\n    at /secret', '\n    at /secret'])(
  'leaves out the message, whatever is in it: %j',
  (message) => {
    const error = new Error(message)
    expect(errorPlace(error)).toMatch(/^Error at /)
    expect(errorPlace(error)).not.toContain('secret')
    expect(errorPlace(Object.assign(new Error(message), { stack: `Error: other\n    at /secret` }))).toBe(
      'Error',
    )
  },
)

it.each(['/secret', undefined, { message: '/secret' }])(
  'says nothing about what is no error: %j',
  (value) => {
    expect(errorPlace(value)).toBe('something that is no error was thrown')
  },
)
