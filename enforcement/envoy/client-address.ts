import type { CheckRequest } from './authorization-service.ts'

/**
 * The client's address by the hop that we trust. With `trustedHops` 0 it is the peer of Envoy's connection; with n
 * the n-th entry of X-Forwarded-For from the right, because each trusted proxy appends the peer that it saw and
 * everything further left is whatever the client wrote. With fewer entries the request did not come through the
 * proxies, so its peer is the client, as Envoy itself decides.
 */
export function clientAddress(request: CheckRequest, trustedHops: number): string | undefined {
  const peer = request.attributes?.source?.address?.socket_address?.address
  if (trustedHops === 0) return peer
  const forwarded = request.attributes?.request?.http?.headers?.['x-forwarded-for']
  return (forwarded === undefined ? undefined : nthFromRight(forwarded, trustedHops)) ?? peer
}

/** Walks only as far as needed: the left part is the client's, and may be long. */
function nthFromRight(list: string, n: number): string | undefined {
  let end = list.length
  for (let left = n; ; left--) {
    const comma = end === 0 ? -1 : list.lastIndexOf(',', end - 1)
    if (left === 1) return list.slice(comma + 1, end).trim()
    if (comma < 0) return undefined
    end = comma
  }
}
