/** Segments that name no provider. */
const generic = /^(?:api|rest|internal|public|external|inbound|incoming|in|receive|events?|v\d+(?:\.\d+)*)$/
const name = /^[a-z][a-z0-9._-]{0,39}$/

/**
 * The provider that a path names: the segment after `webhooks` or `hooks` (`/api/webhooks/stripe/v2` is `stripe`), else
 * the one before it (`/stripe/webhook`), else the hook segment itself. A path without hook segment names one only for
 * deliveries known as such (`told`): its last fixed segment. `undefined` when it names none.
 */
export function providerOfPath(
  path: string,
  told: boolean,
  hookSegments: readonly string[],
): string | undefined {
  const bare = (path.length > 512 ? path.slice(0, 512) : path).split('?', 1)[0] ?? ''
  const segments = bare.toLowerCase().split('/')
  const hook = segments.findIndex((segment) => hookSegments.includes(segment))
  if (hook < 0) return told ? (segments.findLast(isProvider) ?? 'unknown') : undefined
  const after = segments.slice(hook + 1).find((segment) => segment !== '' && !generic.test(segment))
  if (after !== undefined && isProvider(after)) return after
  return segments.slice(0, hook).findLast(isProvider) ?? segments[hook]
}

/** A word, no id: at most three digits, and not the code of a tenant or a secret. */
function isProvider(segment: string): boolean {
  return name.test(segment) && !generic.test(segment) && segment.replace(/\D/g, '').length <= 3
}
