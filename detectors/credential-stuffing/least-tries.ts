import type { EntityKind } from '../../core/entity/entity.ts'
import { triesKept } from './cells.ts'
import type { Config } from './config.ts'
import type { LoginWindow } from './picture.ts'

/** The fewest tries of a window, and of the slow span, that anything is claimed of; by kind of place. */
interface Least {
  readonly fast: number
  readonly slow: number
}

const leastOf = new WeakMap<Config, ReadonlyMap<EntityKind, Least>>()

function leastByKind(config: Config): ReadonlyMap<EntityKind, Least> {
  let least = leastOf.get(config)
  if (!least) {
    const { address, network, fingerprint, route, slow } = config
    const slowAddress = bounded(slow.address_accounts_min, slow.failures_min)
    least = new Map<EntityKind, Least>([
      ['ip', { fast: fewest(address), slow: slowAddress }],
      ['network', { fast: fewest(network), slow: bounded(slow.network_accounts_min) }],
      ['fingerprint', { fast: fewest(fingerprint), slow: Number.POSITIVE_INFINITY }],
      [
        'route',
        { fast: bounded(route.accounts_floor, route.failures_floor), slow: Number.POSITIVE_INFINITY },
      ],
    ])
    leastOf.set(config, least)
  }
  return least
}

/** Beyond what a table keeps, counts are estimates, which may be greater than what was counted. */
function bounded(...counts: readonly number[]): number {
  return Math.min(triesKept, ...counts)
}

function fewest({ accounts_min, failures_min }: Config['address']): number {
  return bounded(accounts_min, failures_min)
}

/** The fewest tries of a place that anything is claimed of, by its kind. */
export function leastTries(config: Config): ReadonlyMap<EntityKind, number> {
  return new Map([...leastByKind(config)].map(([kind, { fast, slow }]) => [kind, Math.min(fast, slow)]))
}

/** False for a place with too few tries: nearly all are dismissed by their number, before anything is read. */
export function hasEnoughTries(window: LoginWindow, config: Config): boolean {
  const least = leastByKind(config).get(window.entity.kind)
  return least !== undefined && (window.eventsMax >= least.fast || window.eventsEverMax >= least.slow)
}
