import { canonicalAddress } from '../../core/entity/canonical-address.ts'
import type { EventField } from '../../core/event/event-fields.ts'
import type { Value } from './field-value.ts'
import { ownText } from './own-text.ts'

/**
 * The one spelling of a field's checked value, which is the same whatever the format: methods in upper case, hosts bare,
 * addresses canonical. `null` in place of an address that was told and is none: `normalise` takes it away.
 */
export function spelled(field: EventField, value: Value): Value | null {
  if (typeof value !== 'string') return value
  if (field === 'method') return value.toUpperCase()
  if (field === 'host') return bareHost(value)
  return field === 'client.ip' ? (canonicalAddress(value) ?? null) : value
}

/** Host without port, brackets and trailing dot, in lower case. */
export function bareHost(host: string): string {
  const bracketed = /^\[([^\]]*)\]/.exec(host)
  const bare = bracketed?.[1] ?? host.replace(/:\d{0,5}$/, '')
  return ownText(bare.replace(/\.$/, '').toLowerCase())
}
