import { createHmac } from 'node:crypto'
import { BoundedCache } from '../formats/bounded-cache.ts'

/** Turns an account name into its pseudonym; `undefined` for blank text. */
export type Pseudonymise = (account: string) => string | undefined

/**
 * The key of replay, demo and tests: pseudonyms made with it are equal everywhere and hide nothing from anyone who
 * reads this line. Live spaces have a key of their own.
 */
export const fixedPublicKey: Uint8Array = Buffer.from('picket fixed public pseudonym key', 'utf8')

const pseudonym = /^k1:[A-Za-z0-9_-]{43}$/
const keyBytesMin = 16
/** Accounts remembered: a log-in flood's working set, at some 200 bytes each. */
const accountsMax = 16_384

/** Whether text already is a pseudonym, such as one that a sender or an earlier run made. */
export function isPseudonym(text: string): boolean {
  return pseudonym.test(text)
}

/**
 * Pseudonyms of one space: `k1:` and the base64url HMAC-SHA-256 (RFC 2104, RFC 4648 section 5) of the account without
 * outer blanks, in NFC and lower case, so that `Ann@x ` and `ann@x` are one account as log-in services hold them.
 */
export function pseudonymiser(key: Uint8Array): Pseudonymise {
  if (key.length < keyBytesMin)
    throw new Error(`pseudonym key: ${key.length} bytes, at least ${keyBytesMin} needed`)
  const known = new BoundedCache<string>(accountsMax / 2)
  return function pseudonymise(account) {
    if (isPseudonym(account)) return account
    const kept = known.get(account)
    if (kept !== undefined) return kept
    const name = account.trim().normalize('NFC').toLowerCase()
    if (name === '') return undefined
    const made = `k1:${createHmac('sha256', key).update(name, 'utf8').digest('base64url')}`
    // Long names come from attackers and would make the cache large; hashing them again is cheap.
    if (account.length <= 256) known.set(account, made)
    return made
  }
}
