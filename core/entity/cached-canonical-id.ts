import { canonicalId } from './canonical-id.ts'
import type { EntityKind } from './entity.ts'

/** Texts remembered for each kind; then all are forgotten, which costs less than choosing. About 10 MB at most. */
const textsMax = 50_000

/** `canonicalId` that remembers addresses: parsing one costs more than all else that is done for an event. */
export function cachedCanonicalId(): typeof canonicalId {
  const ips = new Map<string, string | undefined>()
  const networks = new Map<string, string | undefined>()
  return function canonicalIdFromCache(kind: EntityKind, text: string | undefined) {
    if (text === undefined || (kind !== 'ip' && kind !== 'network')) return canonicalId(kind, text)
    const known = kind === 'ip' ? ips : networks
    const id = known.get(text)
    if (id !== undefined || known.has(text)) return id
    const made = canonicalId(kind, text)
    if (known.size >= textsMax) known.clear()
    if (text.length <= 64) known.set(text, made)
    return made
  }
}
