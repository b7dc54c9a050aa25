import type { Row } from '../../core/aggregates/table.ts'
import { canonicalId } from '../../core/entity/canonical-id.ts'
import type { Config } from './config.ts'
import type { Known, Picture, SkewWindow } from './picture.ts'
import { flag, has, partsOf, type senderColumns } from './sighting.ts'

type Sender = Row<typeof senderColumns>

/** Different ids that must fail: a provider retries one delivery with a wrong secret many times. */
const forgedIdsMin = 4
const spreadSendersMin = 3
const interleavedPanesMin = 3
/** Forging one at a time needs more: the memory is long, and a test system with a wrong secret fails now and then. */
export const slowFactor = 3

/** A sender that never got in, or only by trying: its failures came first and outnumber the rest ten to one. */
function isStrange(past: Sender | undefined): boolean {
  const { successes = 0, forged = 0, refused = 0, first_success = 0, first_failure = 0 } = past ?? { key: '' }
  return successes === 0 || (first_failure < first_success && successes * 10 <= forged + refused)
}

function failuresOf({ forged = 0, refused = 0 }: Sender, config: Config): number {
  if (forged >= config.signature_failures_min) return forged
  return refused >= config.status_failures_min ? refused : 0
}

function pastOf(window: SkewWindow): (key: string) => Sender | undefined {
  const rows = new Map(window.memory.longSenders.rows().map((row) => [row.key, row]))
  return (key) => rows.get(key)
}

/** Signatures of a sender that failed over the whole memory; 0 when they are too few, or something of it got in. */
function slowFailuresOf(past: Sender | undefined, config: Config): number {
  const { successes = 0, forged = 0 } = past ?? { key: '' }
  return successes === 0 && forged >= config.signature_failures_min * slowFactor ? forged : 0
}

/** For a sender: the provider that it forges most, and how many of its signatures failed. */
export function judgeSender(
  window: SkewWindow,
  config: Config,
): { readonly provider: string; readonly failures: number; readonly told: boolean } | undefined {
  const past = pastOf(window)
  const rows = window.total.senders.rows()
  const [worst] = rows
    .filter((row) => isStrange(past(row.key)) && failuresOf(row, config) > 0)
    .sort(
      (left, right) =>
        failuresOf(right, config) - failuresOf(left, config) || (left.key < right.key ? -1 : 1),
    )
  if (!worst) return judgeSlowSender(window, config)
  const failures = failuresOf(worst, config)
  const told = (worst.forged ?? 0) >= config.signature_failures_min
  if (told && window.total.forgedIds.value < forgedIdsMin && failures < config.status_failures_min)
    return undefined
  return { provider: worst.key.split('\u0000')[1] ?? '', failures, told }
}

/** The same over the memory, for a sender that never got in anywhere. It takes many ids: retries repeat a few. */
function judgeSlowSender({ total, memory }: SkewWindow, config: Config): ReturnType<typeof judgeSender> {
  if (memory.longForgedIds.value < config.signature_failures_min * slowFactor) return undefined
  const past = memory.longSenders.rows()
  if (past.some(({ successes = 0 }) => successes > 0)) return undefined
  const current = new Set(total.senders.rows().flatMap(({ key, forged = 0 }) => (forged > 0 ? [key] : [])))
  const [worst] = past
    .filter((row) => current.has(row.key) && slowFailuresOf(row, config) > 0)
    .sort((left, right) => (right.forged ?? 0) - (left.forged ?? 0) || (left.key < right.key ? -1 : 1))
  if (!worst) return undefined
  return { provider: worst.key.split('\u0000')[1] ?? '', failures: worst.forged ?? 0, told: true }
}

export interface Forgeries {
  readonly attack: boolean
  readonly failures: number
  /** Ids of strangers that were refused, or let in unsigned while the provider signs. */
  readonly ids: readonly Known[]
  readonly senders: readonly string[]
}

/** For a provider: failures that no single sender answers for. Those of the senders that are blamed themselves are left out. */
export function judgeForgeries(picture: Picture): Forgeries | undefined {
  const { window, config, known, isStranger } = picture
  const past = pastOf(window)
  const networks = new Set(
    window.memory.longSenders
      .rows()
      .filter((row) => !isStrange(row))
      .map(({ key }) => networkOfKey(key)),
  )
  const rows = window.total.senders.rows().filter(({ forged = 0 }) => forged > 0)
  const strange = rows.filter(
    (row) =>
      isStrange(past(row.key)) &&
      !networks.has(networkOfKey(row.key)) &&
      (row.forged ?? 0) < config.signature_failures_min &&
      slowFailuresOf(past(row.key), config) === 0,
  )
  const usual = rows.filter(({ key }) => networks.has(networkOfKey(key)))
  const succeeded = window.total.senders.rows().some(({ successes = 0 }) => successes > 0)
  const signs = known.some(({ past: row }) => has(row, flag.signed))
  const ids = known.filter(
    ({ now, past: row, network }) =>
      has(now, flag.named) &&
      isStranger(network) &&
      ((has(now, flag.refused) && row.first_success === undefined) || (signs && has(now, flag.unsigned))),
  )
  const [spread, own] = [total(strange), total(usual)]
  const isSpread = succeeded && spread >= config.spread_failures_min && strange.length >= spreadSendersMin
  const isBeside = own >= config.spread_failures_min && failsBesideSuccess(picture, config)
  const isRefused = new Set(ids.map(({ now }) => partsOf(now.key).id)).size >= config.signature_failures_min
  if (!isSpread && !isBeside && !isRefused)
    return own >= config.spread_failures_min
      ? { attack: false, failures: own, ids: [], senders: [] }
      : undefined
  return {
    attack: true,
    failures: (isSpread ? spread : 0) + (isBeside ? own : 0) + (isRefused ? ids.length : 0),
    ids: isRefused ? ids : [],
    senders: [...(isSpread ? strange : []), ...(isBeside ? usual : [])].map(({ key }) => networkOfKey(key)),
  }
}

/** Usual senders fail while they succeed, minute after minute, with ids that never get in: no new secret explains it. */
function failsBesideSuccess({ window, known }: Picture, config: Config): boolean {
  const forged = known.filter(({ now }) => has(now, flag.forged) && has(now, flag.named))
  const never = forged.filter(({ past }) => past.first_success === undefined)
  if (never.length < config.spread_failures_min || never.length < forged.length * 0.9) return false
  const panes = window.panes.filter(({ cells }) => {
    const rows = cells.senders.rows()
    return rows.some(({ forged = 0 }) => forged > 0) && rows.some(({ successes = 0 }) => successes > 0)
  })
  return panes.length >= interleavedPanesMin
}

function total(rows: readonly Sender[]): number {
  return rows.reduce((sum, { forged = 0 }) => sum + forged, 0)
}

function networkOfKey(key: string): string {
  const sender = key.split('\u0000')[1] ?? ''
  return canonicalId('network', sender.replace(/\/64$/, '')) ?? ''
}
