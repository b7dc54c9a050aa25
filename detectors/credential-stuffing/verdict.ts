import type { Verdict } from '../../core/detector/detector.ts'
import type { Severity } from '../../core/detector/finding.ts'
import { type Compared, type Evidence, round, sampleOf } from './evidence.ts'
import type { Rest } from './judge-window.ts'
import type { Basis } from './loud-place.ts'
import type { LoginWindow } from './picture.ts'
import type { Slow } from './slow.ts'
import {
  failuresOf,
  groupBy,
  isFailedOnly,
  type Subject,
  subjectsOf,
  successesOf,
  sum,
  type Tries,
} from './tries.ts'

const forms: Partial<Record<string, Evidence['form']>> = {
  ip: 'one_address',
  network: 'network',
  fingerprint: 'fingerprint',
}

/** The finding of a window. Only what no smaller place explains is told, except the routes. */
export function verdictOf(
  window: LoginWindow,
  rest: Rest,
  thresholds: readonly Compared[],
): Verdict<Evidence> {
  const { basis, tries, scale, past } = rest
  const named = basis === 'accounts'
  const { addresses, failures, successes } = {
    addresses:
      window.entity.kind === 'ip' ? 1 : new Set(failingOf(tries).map((row) => row.address)).size * scale,
    failures: sum(tries, (row) => row.failures) * scale,
    successes: sum(tries, (row) => row.successes) * scale,
  }
  const told = named
    ? accountsOf(subjectsOf(tries), scale, window.total.accounts.value)
    : accountsOf([], 1, 0)
  return claim(window, basis, 'fast', thresholds, {
    ...told,
    failures: Math.round(failures),
    successes: Math.round(successes),
    success_share: round(successes / Math.max(1, failures + successes)),
    addresses: Math.round(scale > 1 ? Math.min(addresses, window.total.addresses.value) : addresses),
    networks: networksOf(tries, scale),
    known_share: round(past.knownShare),
    sampled: scale > 1,
  })
}

/** The finding of the long memory: it knows accounts, not each one's addresses. */
export function slowVerdictOf(window: LoginWindow, slow: Slow): Verdict<Evidence> {
  const { basis, rows, scale, observed, threshold } = slow
  const subjects = rows.map(
    (row): Subject => ({
      id: row.key,
      failures: failuresOf(row),
      successes: successesOf(row),
      firstFailure: row.first_failure ?? Number.POSITIVE_INFINITY,
      lastSuccess: row.last_success ?? Number.NEGATIVE_INFINITY,
      addresses: 1,
      failing: [],
    }),
  )
  const told =
    basis === 'accounts' ? accountsOf(subjects, scale, Number.MAX_SAFE_INTEGER) : accountsOf([], 1, 0)
  const failures = sum(rows, failuresOf) * scale
  const successes = sum(rows, successesOf) * scale
  const measure = basis === 'accounts' ? 'accounts' : 'failures'
  return claim(
    window,
    basis,
    'slow',
    [{ measure, observed: Math.round(observed), threshold, source: 'floor' }],
    {
      ...told,
      failures: Math.round(failures),
      successes: Math.round(successes),
      success_share: round(successes / Math.max(1, failures + successes)),
      addresses: Math.max(1, window.total.addresses.value),
      networks:
        window.entity.kind === 'network'
          ? [{ network: window.entity.id, failures: Math.round(failures) }]
          : [],
      known_share: 0,
      sampled: scale > 1,
    },
  )
}

function failingOf(tries: readonly Tries[]): readonly Tries[] {
  return tries.filter((row) => row.failures > 0)
}

/** Counts and samples of the accounts; estimates stay within `accountsMax`, which was counted apart. */
function accountsOf(subjects: readonly Subject[], scale: number, accountsMax: number) {
  const failed = subjects.filter(isFailedOnly)
  // An account that failed at one address and logged in from another is the likelier hit: those come first.
  const succeeded = subjects
    .filter((subject) => subject.lastSuccess > subject.firstFailure)
    .sort((left, right) => right.addresses - left.addresses)
  const entered = subjects.filter((subject) => subject.failures === 0)
  const count = (of: readonly Subject[]) =>
    Math.min(Math.round(of.length * scale), Math.max(accountsMax, of.length))
  return {
    accounts_tried: count(subjects),
    accounts: sampleOf(failed.map(({ id }) => id)),
    accounts_failed_only: count(failed),
    accounts_succeeded: sampleOf(succeeded.map(({ id }) => id)),
    accounts_succeeded_count: count(succeeded),
    accounts_entered: sampleOf(entered.map(({ id }) => id)),
    accounts_entered_count: count(entered),
  }
}

function networksOf(tries: readonly Tries[], scale: number): Evidence['networks'] {
  return [...groupBy(failingOf(tries), (row) => row.network)]
    .filter(([network]) => network !== '')
    .map(([network, rows]) => ({ network, failures: Math.round(sum(rows, (row) => row.failures) * scale) }))
    .sort((left, right) => right.failures - left.failures || (left.network < right.network ? -1 : 1))
    .slice(0, 10)
}

type Told = Omit<Evidence, 'basis' | 'form' | 'pace' | 'thresholds' | 'login_routes'>

function claim(
  window: LoginWindow,
  basis: Basis,
  pace: Evidence['pace'],
  thresholds: readonly Compared[],
  told: Told,
): Verdict<Evidence> {
  const excess = Math.min(...thresholds.map(({ observed, threshold }) => observed / Math.max(1, threshold)))
  // Sure from the bar on; four times the bar is no chance any more. Without names a stubborn robot looks the same.
  const sure = basis === 'accounts' ? 0.8 : 0.7
  const score =
    sure + 0.15 * Math.min(1, Math.log2(Math.max(1, excess)) / 2) + 0.05 * (1 - told.success_share)
  return {
    score: round(score),
    severity: severityOf(window, basis, told),
    evidence: {
      basis,
      form: forms[window.entity.kind] ?? 'distributed',
      pace,
      ...told,
      login_routes: window.total.routes
        .rows()
        .map((row) => row.key)
        .sort(),
      thresholds: thresholds.map((compared) => ({ ...compared, threshold: round(compared.threshold) })),
    },
  }
}

/** On a whole route, successes after a failure are mostly other people's typing errors. */
function severityOf(window: LoginWindow, basis: Basis, told: Told): Severity {
  if (basis === 'login_failures') return told.failures >= 100 ? 'high' : 'medium'
  return window.entity.kind !== 'route' && told.accounts_succeeded_count > 0 ? 'critical' : 'high'
}
