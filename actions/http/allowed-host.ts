import { type LookupAddress, lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import ipaddr from 'ipaddr.js'

/** A receiver that may be called. */
export interface AllowedHost {
  /** Exact host as it stands in the URL, with the port where the URL has one: `events.pagerduty.com`, `127.0.0.1:9000`. */
  readonly host: string
  /** Its address may be private or loopback. Default `false`: a name that leads inside is refused. */
  readonly privateAddress?: boolean
}

/** The name leads to an address that the host isn't allowed to have. */
export class RefusedAddressError extends Error {
  override readonly name = 'RefusedAddressError'
}

/** Why a URL must not be called, as far as its text tells; `undefined` when it may. */
export function refusedUrl(text: string, allowed: readonly AllowedHost[]): string | undefined {
  if (!URL.canParse(text)) return 'the URL can’t be read'
  const url = new URL(text)
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return `${url.protocol} is neither https: nor http:`
  if (url.username !== '' || url.password !== '') return 'the URL holds a user name or password'
  const host = findHost(url, allowed)
  if (!host) return `host ${url.host} is not in the list of allowed hosts`
  if (host.privateAddress) return undefined
  if (url.protocol === 'http:') return `host ${url.host} must be called with https:`
  const address = url.hostname.replace(/^\[|\]$/g, '')
  return ipaddr.isValid(address) && !isPublic(address) ? `${address} is not a public address` : undefined
}

/** A look-up for one connection that fails unless every address of the name is public, or the host may be private. */
export function checkedLookup(url: URL, allowed: readonly AllowedHost[]): LookupFunction {
  const mayBePrivate = findHost(url, allowed)?.privateAddress ?? false
  return (name, options, callback) => {
    lookup(name, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error) return callback(error, [])
      const inside = mayBePrivate ? undefined : addresses.find(({ address }) => !isPublic(address))
      if (inside) {
        return callback(
          new RefusedAddressError(`${name} leads to ${inside.address}, which is not public`),
          [],
        )
      }
      const [first] = addresses
      if (options.all || !first) return callback(null, addresses)
      callback(null, first.address, first.family)
    })
  }
}

function findHost(url: URL, allowed: readonly AllowedHost[]): AllowedHost | undefined {
  return allowed.find(({ host }) => host === url.host)
}

/** Not loopback, private, link-local, reserved, or IPv4 in disguise of one of these. */
function isPublic(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'unicast'
}
