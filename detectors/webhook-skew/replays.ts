import { durationMs } from '../../core/time/duration.ts'
import type { Config } from './config.ts'
import type { Known, Picture } from './picture.ts'
import { ascending, quantile } from './quantile.ts'
import { flag, has, networkOf, partsOf, type Sighting } from './sighting.ts'

/**
 * Why an id that succeeded may come again: from a `foreign` network; as the `duplicate` or `retry` of a provider that
 * missed our answer; `near` in time, which may be either; or `far`, which a retry would not be.
 */
type Kind = 'foreign' | 'duplicate' | 'retry' | 'near' | 'far'

export interface Replay extends Known {
  readonly kind: Kind
  /** Deliveries after the first success. */
  readonly times: number
  readonly gapMs: number
}

export interface Replays {
  readonly replays: readonly Replay[]
  readonly worst: Replay
  readonly foreign: number
  readonly ids: number
}

/** A late answer makes providers retry, but none so often within a window. */
const lateRetriesMax = 6
const nearRepeatsMax = 3
const plannedRetriesMax = 2
/** At-least-once delivery repeats this share of ids, and no more, for reasons of its own. */
const duplicateShareMax = 0.02
/** A busy provider repeats some even minutes after it was told that they arrived. */
const resentShareMax = 0.005
/** Slow replays need more when they come from a usual network: people redeliver by hand. */
const slowFactor = 3

/** Ids that succeeded and came again, when they are more than redelivery explains. */
export function judgeReplays(picture: Picture): Replays | undefined {
  const { config, window, known } = picture
  const all = known.flatMap((one) => replayOf(one, window.start, picture) ?? [])
  if (all.length === 0) return undefined
  const sure = all.filter(({ kind }) => kind === 'foreign' || kind === 'far')
  const near = all.filter(({ kind }) => kind === 'near')
  // A provider retries what failed, so the distance of these repeats, even or not, explains nothing.
  const resent = [...sure, ...near].filter((replay) => isResent(replay, picture))
  const isResending =
    idsOf(resent) >= Math.max(picture.ofSample(config.resent_ids_min, 2), known.length * resentShareMax)
  const counted = isRetryPattern(near, known.length)
    ? [...sure, ...near.filter((replay) => isResending && resent.includes(replay))]
    : [...sure, ...near]
  const foreign = idsOf(sure.filter(({ kind }) => kind === 'foreign'))
  const repeated = sure.some(({ times }) => times >= config.repeats_min)
  // Of a sample only a share is seen; two ids at least, for one may be a person who pressed "redeliver".
  const enough = (min: number) => picture.ofSample(min, 2)
  const loud =
    foreign >= enough(config.foreign_ids_min) ||
    idsOf(counted) >= enough(config.replayed_ids_min) ||
    repeated ||
    isResending
  const replays = loud ? counted : isSlow(picture, sure) ? sure : []
  const [worst] = [...replays].sort(
    (left, right) =>
      right.times - left.times || right.gapMs - left.gapMs || (left.now.key < right.now.key ? -1 : 1),
  )
  return worst && { replays, worst, foreign, ids: idsOf(replays) }
}

/** Whether repeats of an id may count as more than redelivery, whoever sent them. */
export function mayReplay(known: Known, start: number, config: Config): boolean {
  const kind = replayOf(known, start, { config, isStranger: () => true })?.kind
  return kind !== undefined && kind !== 'duplicate' && kind !== 'retry'
}

type Judge = Pick<Picture, 'config' | 'isStranger'>

function replayOf(known: Known, start: number, picture: Judge): Replay | undefined {
  const { now, past, network } = known
  const success = past.first_success
  if (!has(now, flag.named) || success === undefined || now.last === undefined) return undefined
  const deliveries = now.deliveries ?? 0
  const untouched = past.first === success
  const times =
    success < start
      ? deliveries
      : untouched
        ? deliveries - 1
        : Math.min(deliveries - 1, Math.max(now.last > success ? 1 : 0, (now.successes ?? 0) - 1))
  const gapMs = now.last - success
  if (times < 1 || (gapMs <= 0 && times < picture.config.repeats_min)) return undefined
  return { ...known, times, gapMs, kind: kindOf(past, network, times, gapMs, picture) }
}

function kindOf(past: Sighting, network: number, times: number, gapMs: number, picture: Judge): Kind {
  const { config } = picture
  if (network !== networkOf(past.origin) && picture.isStranger(network)) return 'foreign'
  if (times <= 2 && gapMs <= durationMs(config.duplicate_within)) return 'duplicate'
  if (has(past, flag.late) && times <= lateRetriesMax && gapMs <= durationMs(config.late_retry_within))
    return 'retry'
  // It failed at first, so the provider had retries planned; one may come although another got through.
  const failedFirst = past.first !== past.first_success && has(past, flag.failed)
  if (failedFirst && times <= plannedRetriesMax && gapMs <= durationMs(config.late_retry_within))
    return 'retry'
  return times <= nearRepeatsMax && gapMs <= durationMs(config.redelivery_within) ? 'near' : 'far'
}

/** It came again long after it had succeeded at first, and nothing failed in between that a retry could answer. */
function isResent({ past, gapMs }: Replay, { config }: Picture): boolean {
  const { first, first_success, deliveries = 0, successes = 0 } = past
  if (first !== first_success || gapMs < durationMs(config.resent_after)) return false
  // Of two deliveries the second is the repeat itself, however it was answered.
  return deliveries <= 2 || successes >= deliveries
}

/** Retries come a fixed time after their first try; replays of what was captured come at any distance. */
function isRetryPattern(near: readonly Replay[], ids: number): boolean {
  if (near.length <= ids * duplicateShareMax) return true
  const gaps = ascending(near.map(({ gapMs }) => gapMs))
  return quantile(gaps, 0.9) - quantile(gaps, 0.1) <= Math.max(5000, quantile(gaps, 0.5) / 10)
}

/** One now and then: what the long memory holds of the same kind. */
function isSlow(picture: Picture, sure: readonly Replay[]): boolean {
  if (sure.length === 0) return false
  const { config, remembered } = picture
  const past = remembered.flatMap((row) => {
    const known = { now: row, past: row, isRemembered: true, network: networkOf(row.latest) }
    return replayOf(known, Number.NEGATIVE_INFINITY, picture) ?? []
  })
  if (sure.some(({ kind }) => kind === 'foreign'))
    return idsOf(past.filter(({ kind }) => kind === 'foreign')) >= config.replayed_ids_min
  return idsOf(past.filter(({ kind }) => kind === 'far')) >= config.replayed_ids_min * slowFactor
}

/** Two views of one request are two rows with one id. */
function idsOf(replays: readonly Replay[]): number {
  return new Set(replays.map(({ now }) => partsOf(now.key).id)).size
}
