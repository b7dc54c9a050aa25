import { afterEach, expect, test, vi } from 'vitest'
import { skipOrThrow } from './skip.ts'

afterEach(() => vi.unstubAllEnvs())

test('a missing peer is a skip on a laptop and an error in CI', () => {
  vi.stubEnv('CI', '')
  expect(skipOrThrow('java is not installed')).toEqual({ skip: 'java is not installed' })
  vi.stubEnv('CI', 'true')
  expect(() => skipOrThrow('java is not installed')).toThrow(/in CI: java is not installed/)
})
