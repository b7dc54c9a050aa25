import type { Config } from './config.ts'
import type { SharedSoftware } from './shared-software.ts'
import { groupBy, isFailedOnly, subjectsOf, sum, type Tries } from './tries.ts'

export type Bar = Config['address']
export type Basis = 'accounts' | 'login_failures'

/** Loud networks, or loud fingerprints, from which an attack is one campaign over the route, besides each being blamed. */
const campaignPlaces = 3
/** In a sample every row stands for many: fewer rows of one place than this are chance. */
const sampledRowsMin = 5

/** Whether tries from one place are an attack of that place by themselves. `scale` undoes sampling. */
export function isLoud(tries: readonly Tries[], bar: Bar, basis: Basis, scale: number): boolean {
  const failures = sum(tries, (row) => row.failures) * scale
  if (failures < (basis === 'accounts' ? bar.accounts_min : bar.failures_min)) return false
  const failing = tries.filter((row) => row.failures > 0)
  if (scale > 1 && failing.length < sampledRowsMin) return false
  if (new Set(failing.map((row) => row.address)).size * scale < bar.addresses_min) return false
  if (basis === 'login_failures') {
    const successes = sum(tries, (row) => row.successes) * scale
    return failures / (failures + successes) >= bar.failure_share_min
  }
  const subjects = subjectsOf(tries)
  const failed = subjects.filter(isFailedOnly).length
  return failed * scale >= bar.accounts_min && failed / subjects.length >= bar.failed_share_min
}

/**
 * Leaves out what a smaller place is blamed for: the tries of loud addresses, then of loud networks, then of loud
 * fingerprints, as far as these are smaller than the entity judged. So one cause has one name. Software that honest
 * people use is not blamed, so its tries stay.
 */
export function quietTries(
  tries: readonly Tries[],
  kind: string,
  config: Config,
  basis: Basis,
  scale: number,
  isShared: SharedSoftware,
): readonly Tries[] {
  if (kind === 'ip') return tries
  // Without names an address is one row, which is never a part of it.
  const addressScale = basis === 'accounts' ? scale : 1
  let rest = without(tries, (row) => row.address, config.address, basis, addressScale)
  if (kind === 'network') return rest
  rest = without(
    rest,
    (row) => row.network,
    config.network,
    basis,
    scale,
    kind === 'route' ? campaignPlaces : undefined,
  )
  if (kind === 'fingerprint') return rest
  const own = new Set<string>()
  for (const fingerprint of new Set(rest.map((row) => row.fingerprint))) {
    if (fingerprint !== '' && !isShared(fingerprint)) own.add(fingerprint)
  }
  return without(
    rest,
    (row) => (own.has(row.fingerprint) ? row.fingerprint : ''),
    config.fingerprint,
    basis,
    scale,
    campaignPlaces,
  )
}

function without(
  tries: readonly Tries[],
  placeOf: (row: Tries) => string,
  bar: Bar,
  basis: Basis,
  scale: number,
  loudMax = Number.POSITIVE_INFINITY,
): readonly Tries[] {
  const loud = new Set<string>()
  for (const [place, rows] of groupBy(tries, placeOf)) {
    if (place !== '' && isLoud(rows, bar, basis, scale)) loud.add(place)
  }
  return loud.size === 0 || loud.size >= loudMax ? tries : tries.filter((row) => !loud.has(placeOf(row)))
}
