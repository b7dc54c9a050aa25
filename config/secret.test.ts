import { describe, expect, it } from 'vitest'
import { isSecretReference, resolveSecret, type SecretReference } from './secret.ts'

const sources = {
  env: { KEY: 'from-env', EMPTY: '' },
  readText(path: string) {
    if (path === '/run/key') return 'from-file\n'
    throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' })
  },
}

describe('resolveSecret', () => {
  it.each([
    ['env:KEY', 'from-env'],
    ['file:/run/key', 'from-file'],
  ] as const)('%s', (reference, secret) => {
    expect(resolveSecret(reference, sources)).toBe(secret)
  })

  it.each([
    ['env:NOT_SET', 'secret env:NOT_SET: the environment variable is not set'],
    ['env:EMPTY', 'secret env:EMPTY: is empty'],
    ['file:/nowhere', "secret file:/nowhere: the file can't be read (ENOENT)"],
  ] as const)('%s', (reference, message) => {
    expect(() => resolveSecret(reference, sources)).toThrow(
      expect.objectContaining({ name: 'SecretError', reference, message }),
    )
    expect(() => resolveSecret(reference, sources)).toThrow(message)
  })

  it('refuses what is too long to be one, without showing it', () => {
    const readText = () => 's3cret'.repeat(20_000)
    const reference: SecretReference = 'file:/var/log/big'
    expect(() => resolveSecret(reference, { env: {}, readText })).toThrow(
      /^secret file:\/var\/log\/big: is longer than 64 KB/,
    )
  })
})

it.each([
  ['env:PAGERDUTY_KEY', true],
  ['file:/run/secrets/key', true],
  ['file:./key', true],
  ['file:key', false],
  ['env:', false],
  ['env:A B', false],
  ['env:A\nB', false],
  ['hunter2', false],
  ['Env:KEY', false],
])('%s is a reference: %s', (text, expected) => {
  expect(isSecretReference(text)).toBe(expected)
})
