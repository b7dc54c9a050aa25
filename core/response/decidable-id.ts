import ipaddr from 'ipaddr.js'
import { canonicalAddress } from '../entity/canonical-address.ts'
import { canonicalId } from '../entity/canonical-id.ts'
import type { EntityKind } from '../entity/entity.ts'
import { plainText } from './plain-text.ts'

/** The id that a person named, or why nothing can be decided about it, in a sentence that says what to write. */
export type DecidableId = { readonly id: string } | { readonly problem: string }

/** What no client has: nothing would ever match, and a network of it is a slip of the pen. */
const nobodys: Readonly<Record<string, string>> = {
  unspecified: 'the unspecified address',
  broadcast: 'the broadcast address',
  multicast: 'a multicast address',
}

const advice: Partial<Readonly<Record<EntityKind, string>>> = {
  ip: 'write one address, such as 203.0.113.9 or 2001:db8::1 (IPv6 is decided on by its /64); for more of them, a network',
  network:
    'networks are decided on as a /24 of IPv4 or a /48 of IPv6 and in no other size; write one, such as 203.0.113.0/24 or 2001:db8:1::/48, or an address in it',
}

/** Makes the id canonical. Loopback and private addresses are left to the protected set, where an operator can say otherwise. */
export function decidableId(kind: EntityKind, text: string): DecidableId {
  const shown = `'${plainText(text, 80)}'`
  const id = canonicalId(kind, text)
  if (id === undefined) {
    const article = /^[aeiou]/.test(kind) ? 'an' : 'a'
    const what = advice[kind]
    return { problem: `${shown} is no id of ${article} ${kind}${what === undefined ? '' : `: ${what}`}` }
  }
  const nobody = kind === 'ip' || kind === 'network' ? nobodysAddress(text) : undefined
  if (nobody === undefined) return { id }
  return {
    problem: `${shown} is ${nobody}, which no client has; write the address of the client as it stands in findings or events`,
  }
}

function nobodysAddress(text: string): string | undefined {
  const address = canonicalAddress(text.split('/')[0] ?? '')
  return address === undefined ? undefined : nobodys[ipaddr.parse(address).range()]
}
