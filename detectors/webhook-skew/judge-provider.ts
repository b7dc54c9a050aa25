import type { Verdict } from '../../core/detector/detector.ts'
import { canonicalId } from '../../core/entity/canonical-id.ts'
import { durationMs } from '../../core/time/duration.ts'
import type { Config } from './config.ts'
import { type Evidence, type Reason, reasons, round } from './evidence.ts'
import { type Forgeries, judgeForgeries, judgeSender } from './forgeries.ts'
import { mayMatter, senderMayMatter } from './may-matter.ts'
import { type Known, type Picture, pictureOf, type SkewWindow } from './picture.ts'
import { judgeReplays, type Replays } from './replays.ts'
import { networkNumber, partsOf } from './sighting.ts'
import { judgeSkews, type Skews } from './skews.ts'

interface Judged {
  readonly replays: Replays | undefined
  readonly skews: Skews | undefined
  readonly forgeries: Forgeries | undefined
}

/** One address that sends nothing but failed signatures. */
export function judgeAddress(window: SkewWindow, config: Config): Verdict<Evidence> | undefined {
  const forged = senderMayMatter(window, config) ? judgeSender(window, config) : undefined
  if (!forged) return undefined
  const { provider, failures, told } = forged
  return {
    score: round(0.8 + 0.15 * Math.min(1, failures / 200) + (told ? 0.05 : 0)),
    severity: failures >= 100 ? 'high' : 'medium',
    evidence: {
      ...nothing(config),
      reasons: ['signature'],
      route: provider,
      ids: window.total.forgedIds.value,
      signature_failures: failures,
      senders: [canonicalId('network', window.entity.id.replace(/\/64$/, '')) ?? ''],
    },
  }
}

/** Replays, skew, and forgeries that no single sender answers for; notes on drift, backlog and rotation. */
export function judgeProvider(window: SkewWindow, config: Config): Verdict<Evidence> | undefined {
  if (!mayMatter(window, config)) return undefined
  const picture = pictureOf(window, config)
  const judged: Judged = {
    replays: judgeReplays(picture),
    skews: judgeSkews(picture),
    forgeries: judgeForgeries(picture),
  }
  const { replays, skews, forgeries } = judged
  const attack = (skews?.attack.length ?? 0) > 0 || replays !== undefined || forgeries?.attack === true
  const found = reasonsOf(judged, attack)
  if (found.length === 0) return undefined
  const evidence = evidenceOf(picture, judged, found, attack)
  if (!attack) return { score: 0.3, severity: 'info', evidence }
  const troubled =
    evidence.replayed_ids + evidence.old_ids + evidence.future_ids + evidence.signature_failures
  const several = found.filter((reason) => reason !== 'drift').length - 1
  const score =
    0.8 + 0.1 * Math.min(1, troubled / 50) + 0.05 * Math.min(1, several) + (evidence.accepted ? 0.05 : 0)
  return { score: round(score), severity: evidence.accepted ? 'high' : 'medium', evidence }
}

function reasonsOf({ replays, skews, forgeries }: Judged, attack: boolean): Reason[] {
  const skewed = attack ? skews?.attack : skews?.noted
  const found = new Set<Reason>()
  if (replays) found.add('replay')
  // A clock that was just set has no long memory yet; it is a drift to be.
  if (skewed?.some(({ skewMs, centreMs }) => skewMs < centreMs)) found.add('skew_old')
  if (skewed?.some(({ skewMs, centreMs }) => skewMs > centreMs)) found.add('skew_future')
  if (forgeries && (forgeries.attack || !attack)) found.add('signature')
  if (skews && skews.driftMs !== 0) found.add('drift')
  return reasons.filter((reason) => found.has(reason))
}

function evidenceOf(picture: Picture, judged: Judged, found: Reason[], attack: boolean): Evidence {
  const { replays, skews, forgeries } = judged
  const skewed = (attack ? skews?.attack : skews?.noted) ?? []
  const troubled: Known[] = [...(replays?.replays ?? []), ...skewed, ...(forgeries?.ids ?? [])]
  const { worst } = replays ?? {}
  const example = worst?.now.key ?? troubled.map(({ now }) => now.key).sort()[0]
  return {
    ...nothing(picture.config),
    reasons: found,
    route: example === undefined ? '' : (partsOf(example).endpoint.split(' ').pop() ?? ''),
    ids: new Set(picture.known.map(({ now }) => partsOf(now.key).id)).size,
    troubled_ids: [...new Set(troubled.map(({ now }) => partsOf(now.key).id.slice(0, 64)))]
      .sort()
      .slice(0, 10),
    replayed_ids: replays?.ids ?? 0,
    foreign_ids: replays?.foreign ?? 0,
    repeats: worst?.times ?? 0,
    ...(worst?.past.first_success === undefined ? {} : { first_success: worst.past.first_success }),
    ...(worst?.now.last === undefined ? {} : { replayed_at: worst.now.last }),
    old_ids: skewed.filter(({ skewMs, centreMs }) => skewMs < centreMs).length,
    future_ids: skewed.filter(({ skewMs, centreMs }) => skewMs > centreMs).length,
    skew_median_s: round((skews?.medianMs ?? 0) / 1000),
    skew_centre_s: round((skews?.driftMs ?? 0) / 1000),
    signature_failures: forgeries?.failures ?? 0,
    accepted: troubled.some(({ now }) => now.first_success !== undefined),
    senders: sendersOf(picture, troubled, forgeries?.senders ?? []),
    sampled: !picture.window.memory.longSightings.complete,
  }
}

/** Names of the networks that the troubled ids last came from. */
function sendersOf({ window }: Picture, troubled: readonly Known[], more: readonly string[]): string[] {
  const wanted = new Set(troubled.map(({ network }) => network))
  const named = window.total.senders
    .rows()
    .map(({ key }) => canonicalId('network', key.split('\u0000')[1]?.replace(/\/64$/, '')) ?? '')
    .filter((network) => wanted.has(networkNumber(network)))
  return [...new Set([...named, ...more])]
    .filter((network) => network !== '')
    .sort()
    .slice(0, 5)
}

function nothing({ tolerance }: Config): Evidence {
  return {
    reasons: [],
    route: '',
    ids: 0,
    troubled_ids: [],
    replayed_ids: 0,
    foreign_ids: 0,
    repeats: 0,
    old_ids: 0,
    future_ids: 0,
    skew_median_s: 0,
    skew_centre_s: 0,
    tolerance_s: durationMs(tolerance) / 1000,
    signature_failures: 0,
    accepted: false,
    senders: [],
    sampled: false,
  }
}
