import { addressId, canonicalAddress, networkId } from './canonical-address.ts'
import type { EntityKind } from './entity.ts'

/** Longest id kept; longer ids are cut, so two of them may fall together, never apart. */
export const idLengthMax = 256

/**
 * The canonical id of an entity, from an event field, a gateway's request or a person's command: ingest and
 * enforcement must call this same function, or a decision would not match the traffic that caused it.
 * `undefined` when the text can't name an entity of that kind. A `-` is an id like any other: that it stands for nothing
 * is a convention of log formats, whose decoders leave it out, and elsewhere somebody may call himself so.
 */
export function canonicalId(kind: EntityKind, text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined
  if (kind === 'ip') return text.endsWith('/64') ? cidrId(text, 64) : addressId(text)
  if (kind === 'network') return text.includes('/') ? cidrId(text) : networkId(text)
  return text.normalize('NFC').slice(0, idLengthMax)
}

/** A network already written as CIDR, such as one from a stored decision. */
function cidrId(text: string, bitsOnly?: number): string | undefined {
  const [address = '', bits = ''] = text.split('/')
  const canonical = canonicalAddress(address)
  if (canonical === undefined || !/^\d{1,3}$/.test(bits)) return undefined
  const expected = bitsOnly ?? (canonical.includes(':') ? 48 : 24)
  if (Number(bits) !== expected) return undefined
  return expected === 64 ? addressId(canonical) : networkId(canonical)
}
