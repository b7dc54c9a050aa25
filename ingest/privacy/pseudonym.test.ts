import { createHmac } from 'node:crypto'
import { expect, it } from 'vitest'
import { fixedPublicKey, isPseudonym, pseudonymiser } from './pseudonym.ts'

const pseudonymise = pseudonymiser(fixedPublicKey)

it('is the HMAC of the normalised account', () => {
  const hmac = createHmac('sha256', fixedPublicKey).update('ann@example.com').digest('base64url')
  expect(pseudonymise('ann@example.com')).toBe(`k1:${hmac}`)
  expect(pseudonymise('  Ann@Example.COM\n')).toBe(`k1:${hmac}`)
  expect(pseudonymise('José')).toBe(pseudonymise('JOSE\u0301'))
  expect(pseudonymise('ann')).not.toBe(pseudonymise('bob'))
})

it('leaves pseudonyms, and only whole ones, as they are', () => {
  const made = pseudonymise('ann') ?? ''
  expect(isPseudonym(made)).toBe(true)
  expect(pseudonymise(made)).toBe(made)
  expect(pseudonymise('k1:short')).not.toBe('k1:short')
  expect(pseudonymise(' \t')).toBeUndefined()
})

it('differs by key and refuses short ones', () => {
  expect(pseudonymiser(Buffer.alloc(32, 7))('ann')).not.toBe(pseudonymise('ann'))
  expect(() => pseudonymiser(Buffer.alloc(8))).toThrow('at least 16')
})

it('gives the same answer from its cache and after eviction', () => {
  const first = pseudonymise('account-0')
  for (let index = 0; index < 40_000; index++) pseudonymise(`account-${index}`)
  expect(pseudonymise('account-0')).toBe(first)
})
