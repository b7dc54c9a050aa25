import type { JudgeContext, Threshold, Verdict } from '../../core/detector/detector.ts'
import { remembered } from '../../core/detector/remembered.ts'
import { withoutBadReleases } from './bad-release.ts'
import { homeShareMin, isBrokenDeploy, pulseOf } from './broken-deploy.ts'
import { paneMs } from './cells.ts'
import type { Config } from './config.ts'
import type { Compared, Evidence } from './evidence.ts'
import { hasEnoughTries } from './least-tries.ts'
import { type Bar, type Basis, isLoud, quietTries } from './loud-place.ts'
import { type Past, pastOf } from './past.ts'
import {
  basisOf,
  failureSpan,
  failuresMax,
  isGateway,
  type LoginWindow,
  memoryTableOf,
  tableOf,
  tallyOf,
} from './picture.ts'
import { failuresIn } from './places.ts'
import { isShared, sharedSoftwareOf } from './shared-software.ts'
import { judgeSlow } from './slow.ts'
import { countOf, failedOnlyOf, type Subject, sum, type Tries, triesOf } from './tries.ts'
import { verdictOf } from './verdict.ts'

type Context = JudgeContext<Config>

/** Log-ins at one address within the retention from which several people use it. */
const populationMin = 20

/** The tries of a window that no smaller place explains, and what is known of the time before. */
export interface Rest {
  readonly basis: Basis
  readonly tries: readonly Tries[]
  readonly scale: number
  readonly failed: readonly Subject[]
  readonly past: Past
  /** Failing subjects that don't belong where they failed, estimated when sampled. */
  readonly suspects: number
}

/** Judges one place: over the window, else over the long memory. */
export function judgeWindow(window: LoginWindow, context: Context): Verdict<Evidence> | undefined {
  if (!hasEnoughTries(window, context.config)) return undefined
  const basis = basisOf(window)
  if (tallyOf(window, basis).failures === 0) return undefined
  const { kind } = window.entity
  if ((kind === 'ip' || kind === 'network') && window.once(isGateway)) return undefined
  const rest = mayMatter(window, basis, context.config) ? restOf(window, context.config, basis) : undefined
  const compared =
    rest && (kind === 'route' ? routeLeaves(rest, context) : placeIsLoud(window, rest, context.config))
  if (rest && compared && !isBroken(window, rest)) return verdictOf(window, rest, compared)
  return judgeSlow(window, basis, context.config)
}

/** Most windows hold a few failures, fewer than any bar: those are not looked at closer. */
function mayMatter(window: LoginWindow, basis: Basis, config: Config): boolean {
  const { kind } = window.entity
  const wanted =
    basis === 'accounts' || kind === 'route' ? leastAccounts(kind, config) : barOf(kind, config).failures_min
  if (failuresMax(window, basis) < wanted) return false
  if (kind !== 'fingerprint') return true
  // Never blamed, whatever was tried with it.
  return !config.allow.fingerprints.includes(window.entity.id) && !isShared(window, config)
}

function restOf(window: LoginWindow, config: Config, basis: Basis): Rest | undefined {
  const { kind } = window.entity
  const { tries: all, scale } = triesOf(tableOf(window, basis))
  // Without these there are no accounts that only failed, whatever is left out.
  if (basis === 'accounts' && failingOf(all) * scale < leastAccounts(kind, config)) return undefined
  const quiet = quietTries(all, kind, config, basis, scale, sharedSoftwareOf(window, config))
  const tries = kind === 'route' ? withoutBadReleases(quiet, window, scale) : quiet
  const failed = failedOnlyOf(tries)
  // The past is read only when enough accounts failed.
  if (basis === 'accounts' && failed.length * scale < leastAccounts(kind, config)) return undefined
  const past = window.once(pasts[basis])
  return {
    basis,
    tries,
    scale,
    failed,
    past,
    suspects: failed.length * scale * (1 - past.homeShare),
  }
}

/** Number of subjects with a failure. */
const failingOf = remembered((tries: readonly Tries[]) =>
  countOf(
    tries.filter(({ failures }) => failures > 0),
    ({ subject }) => subject,
  ),
)

const pasts = {
  accounts: (window: LoginWindow) => pastFor(window, 'accounts'),
  login_failures: (window: LoginWindow) => pastFor(window, 'login_failures'),
}

function pastFor(window: LoginWindow, basis: Basis): Past {
  return pastOf(memoryTableOf(window, basis), window.start, failureSpan(window, basis, paneMs))
}

function barOf(kind: string, { address, network, fingerprint }: Config): Bar {
  return kind === 'ip' ? address : kind === 'network' ? network : fingerprint
}

function leastAccounts(kind: string, config: Config): number {
  return kind === 'route' ? config.route.accounts_floor : barOf(kind, config).accounts_min
}

function isBroken(window: LoginWindow, { basis, failed, scale, past }: Rest): boolean {
  const { entity, end } = window
  // Everyone at one address has the same address, so trying again from it tells nothing.
  if (entity.kind === 'ip')
    return basis === 'accounts' ? stoppedAtHome(past, failed) : isPopulation(window, past)
  return isBrokenDeploy({ failed, scale, past, end, namesKnown: basis === 'accounts' })
}

function stoppedAtHome(past: Past, failed: readonly Subject[]): boolean {
  return past.lostShare >= homeShareMin && pulseOf(past, failed.length) !== 'goes on'
}

/** Without names, people behind one address show by the log-ins before, which have stopped. */
function isPopulation(window: LoginWindow, past: Past): boolean {
  const { failures } = tallyOf(window, 'login_failures')
  const before = successesBefore(window)
  return before >= populationMin && failures <= before * 10 && past.loggedIn * 10 <= failures
}

function placeIsLoud(window: LoginWindow, rest: Rest, config: Config): Compared[] | undefined {
  const { kind } = window.entity
  const bar = barOf(kind, config)
  const { basis, tries, scale, suspects } = rest
  if (!isLoud({ rows: tries, failures: failuresIn(tries) }, bar, basis, scale)) return undefined
  if (basis === 'accounts') {
    if (suspects < bar.accounts_min) return undefined
    return [
      { measure: 'accounts', observed: Math.round(suspects), threshold: bar.accounts_min, source: 'floor' },
    ]
  }
  const failures = failuresIn(tries) * scale
  return [
    { measure: 'failures', observed: Math.round(failures), threshold: bar.failures_min, source: 'floor' },
  ]
}

/** Successes at one address before the window, where the log has no names: as many as failures are a population. */
function successesBefore(window: LoginWindow): number {
  const rows = window.memory.unnamedLong.rows()
  const [edge, service] = [
    sum(rows, (row) => row.edge_successes ?? 0),
    sum(rows, (row) => row.service_successes ?? 0),
  ]
  return Math.max(edge, service) - tallyOf(window, 'login_failures').successes
}

/** A login route is blamed when failures, accounts and addresses all leave their baseline, or the floor without one. */
function routeLeaves(rest: Rest, { config, threshold }: Context): Compared[] | undefined {
  const { route } = config
  const failing = rest.tries.filter((row) => row.failures > 0)
  const observed = {
    failures: sum(failing, (row) => row.failures) * rest.scale,
    accounts: rest.suspects,
    addresses: countOf(failing, ({ address }) => address) * rest.scale,
  }
  const floors = {
    failures: route.failures_floor,
    accounts: route.accounts_floor,
    addresses: route.addresses_floor,
  }
  const compared: Compared[] = []
  for (const measure of ['failures', 'accounts', 'addresses'] as const) {
    // A service that logs no addresses is judged without them.
    if (measure === 'addresses' && isPlaceless(failing)) continue
    // Without names the address stands for the account, so accounts have no history to leave.
    const historic = measure !== 'accounts' || rest.basis === 'accounts'
    const wanted = { floor: floors[measure], k: route.k, group: 'route' }
    const { value, ...origin } = historic ? threshold(measure, wanted) : floorOf(wanted.floor)
    if (observed[measure] < value) return undefined
    compared.push({ measure, observed: Math.round(observed[measure]), threshold: value, ...origin })
  }
  return failedShare(rest) >= failedShareMin(rest, compared, config) ? compared : undefined
}

function floorOf(value: number): Threshold {
  return { value, source: 'floor' }
}

function isPlaceless(failing: readonly Tries[]): boolean {
  return failing.filter((row) => row.address === '').length >= failing.length * 0.9
}

function failedShare({ suspects, scale, tries }: Rest): number {
  return suspects / Math.max(1, countOf(tries, ({ subject }) => subject) * scale)
}

/** How large a part of the accounts must fail: three times what failed before, within bounds. */
function failedShareMin({ past, basis }: Rest, compared: readonly Compared[], { route }: Config): number {
  const measured = compared.filter(({ measure }) => basis === 'accounts' || measure !== 'accounts')
  if (measured.every(({ source }) => source !== 'floor')) return route.failed_share_baseline_min
  const before = past.failedShareBefore
  if (before === undefined) return route.failed_share_alone_min
  return Math.min(route.failed_share_alone_min, Math.max(route.failed_share_min, before * 3))
}
