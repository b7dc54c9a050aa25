/**
 * The address that stands `hops`-th from the right in `X-Forwarded-For` (1 is the last, which the nearest proxy wrote).
 * The leftmost is what the client claims and is never taken for itself. `undefined` when the list is shorter: then some
 * trusted hop was passed by, and the peer address is what is left to believe.
 */
export function forwardedFor(list: string, hops: number): string | undefined {
  const addresses = list.split(',')
  const text = addresses[addresses.length - hops]?.trim()
  return text ? text : undefined
}
