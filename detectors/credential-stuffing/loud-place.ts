import { remembered } from '../../core/detector/remembered.ts'
import type { Config } from './config.ts'
import { type Place, type PlaceField, placesOf, withoutPlaces } from './places.ts'
import type { SharedSoftware } from './shared-software.ts'
import { isFailedOnly, subjectsOf, sum, type Tries } from './tries.ts'

export type Bar = Config['address']
export type Basis = 'accounts' | 'login_failures'

/** Loud networks, or loud fingerprints, from which an attack is one campaign over the route, besides each being blamed. */
const campaignPlaces = 3
/** In a sample every row stands for many: fewer rows of one place than this are chance. */
const sampledRowsMin = 5

/** What the tries of one place with enough failures add up to. */
const sumsOf = remembered((tries: readonly Tries[]) => {
  const failing = tries.filter((row) => row.failures > 0)
  const subjects = subjectsOf(tries)
  return {
    successes: sum(tries, (row) => row.successes),
    failingRows: failing.length,
    failingAddresses: new Set(failing.map((row) => row.address)).size,
    accounts: subjects.length,
    failedAccounts: subjects.filter(isFailedOnly).length,
  }
})

/** Whether tries from one place are an attack of that place by themselves. `scale` undoes sampling. */
export function isLoud(place: Omit<Place, 'name'>, bar: Bar, basis: Basis, scale: number): boolean {
  const failures = place.failures * scale
  if (failures < (basis === 'accounts' ? bar.accounts_min : bar.failures_min)) return false
  const sums = sumsOf(place.rows)
  if (scale > 1 && sums.failingRows < sampledRowsMin) return false
  if (sums.failingAddresses * scale < bar.addresses_min) return false
  if (basis === 'login_failures')
    return failures / (failures + sums.successes * scale) >= bar.failure_share_min
  return (
    sums.failedAccounts * scale >= bar.accounts_min &&
    sums.failedAccounts / sums.accounts >= bar.failed_share_min
  )
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
  let rest = withoutLoud(tries, 'address', (place) => isLoud(place, config.address, basis, addressScale))
  if (kind === 'network') return rest
  rest = withoutLoud(
    rest,
    'network',
    (place) => isLoud(place, config.network, basis, scale),
    kind === 'route' ? campaignPlaces : undefined,
  )
  if (kind === 'fingerprint') return rest
  return withoutLoud(
    rest,
    'fingerprint',
    (place) => isLoud(place, config.fingerprint, basis, scale) && !isShared(place.name),
    campaignPlaces,
  )
}

function withoutLoud(
  tries: readonly Tries[],
  field: PlaceField,
  isLoudPlace: (place: Place) => boolean,
  loudMax = Number.POSITIVE_INFINITY,
): readonly Tries[] {
  const loud = new Set<string>()
  for (const place of placesOf[field](tries)) if (isLoudPlace(place)) loud.add(place.name)
  return loud.size >= loudMax ? tries : withoutPlaces(tries, field, loud)
}
