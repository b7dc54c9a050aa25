import type { Verdict } from '../../core/detector/detector.ts'
import { durationMs } from '../../core/time/duration.ts'
import type { Config } from './config.ts'
import type { Evidence } from './evidence.ts'
import type { Basis } from './loud-place.ts'
import { type LoginWindow, memoryTableOf } from './picture.ts'
import { failuresOf, successesOf, sum } from './tries.ts'
import { slowVerdictOf } from './verdict.ts'

const hourMs = 3_600_000
/** A network is not blamed for one of its addresses: at most this share of accounts at one place. */
const onePlaceShareMax = 0.5

/** What one place did over the slow span. */
export interface Slow {
  readonly basis: Basis
  readonly scale: number
  readonly rows: ReturnType<ReturnType<typeof memoryTableOf>['rows']>
  readonly failed: Slow['rows']
  readonly observed: number
  readonly threshold: number
}

/** Many accounts from one place, a few an hour: judged over the long memory with a higher bar. */
export function judgeSlow(window: LoginWindow, basis: Basis, config: Config): Verdict<Evidence> | undefined {
  const { kind } = window.entity
  if (kind !== 'ip' && kind !== 'network') return undefined
  if (basis === 'login_failures') return kind === 'ip' ? judgeSlowFailures(window, config) : undefined
  const { slow } = config
  const threshold = kind === 'ip' ? slow.address_accounts_min : slow.network_accounts_min
  const memory = memoryTableOf(window, basis)
  if (memory.distinct < threshold) return undefined
  const since = window.end - durationMs(slow.span)
  const rows = memory.rows().filter((row) => Math.max(row.last_failure ?? 0, row.last_success ?? 0) >= since)
  const failed = rows.filter((row) => (row.last_failure ?? 0) >= since && row.last_success === undefined)
  const scale = memory.complete ? 1 : memory.distinct / memory.rows().length
  const observed = failed.length * scale
  if (observed < threshold || failed.length / rows.length < slow.failed_share_min) return undefined
  if (failed.filter((row) => (row.last_failure ?? 0) >= window.end - hourMs).length < slow.recent_min)
    return undefined
  if (kind !== 'ip' && largestPlaceShare(failed) > onePlaceShareMax) return undefined
  return slowVerdictOf(window, { basis, scale, rows, failed, observed, threshold })
}

function judgeSlowFailures(window: LoginWindow, { slow }: Config): Verdict<Evidence> | undefined {
  const since = window.end - durationMs(slow.span)
  const rows = window.memory.unnamedLong
    .rows()
    .filter((row) => Math.max(row.last_failure ?? 0, row.last_success ?? 0) >= since)
  const failures = sum(rows, failuresOf)
  const share = failures / Math.max(1, failures + sum(rows, successesOf))
  if (failures < slow.failures_min || share < slow.failure_share_min) return undefined
  const failed = rows.filter((row) => row.last_failure !== undefined)
  const threshold = slow.failures_min
  return slowVerdictOf(window, {
    basis: 'login_failures',
    scale: 1,
    rows,
    failed,
    observed: failures,
    threshold,
  })
}

/** The greatest share of rows that failed at one of the 31 places. */
function largestPlaceShare(failed: Slow['rows']): number {
  const counts: number[] = new Array(31).fill(0)
  for (const { aways = 0 } of failed) {
    for (let bit = 0; bit < 31; bit++) counts[bit] = (counts[bit] as number) + ((aways >>> bit) & 1)
  }
  return Math.max(...counts) / failed.length
}
