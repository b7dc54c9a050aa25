import type { Detector } from '../../../core/detector/detector.ts'
import type { Event } from '../../../core/event/event.ts'
import type { Condition } from '../../../core/watch/condition.ts'
import { FieldSample } from '../../../core/watch/field-sample.ts'
import { IdleDetectors } from '../../../core/watch/idle-detectors.ts'
import { badShares, nothingCounted } from '../../../core/watch/share-rules.ts'
import type { Tally } from '../../pipeline/tally.ts'

const fieldsShown = 4

/**
 * What a person should know of a recording besides its findings: detectors that saw nothing, and a share of it that was
 * not judged. It is told as notices and never as findings, which are a function of events and manifest alone.
 */
export class RecordedWatch {
  readonly #sample: FieldSample
  readonly #idle: IdleDetectors

  constructor(detectors: readonly Pick<Detector, 'id' | 'vantage' | 'reads'>[]) {
    this.#sample = new FieldSample(new Set(detectors.flatMap(({ reads }) => reads)))
    this.#idle = new IdleDetectors(detectors, this.#sample)
  }

  /** Accepted events, in the order in which they are judged. */
  sample(items: readonly { readonly event: Event }[]): void {
    this.#sample.add(items)
  }

  /** Entities held now by detector id; asked for while there are detectors that never held any. */
  held(counts: () => Iterable<readonly [detector: string, entities: number]>): void {
    if (!this.#idle.allWorked) this.#idle.held(0, counts())
  }

  /** One sentence each, for a person. */
  notices({ events, late, refusedTotal }: Pick<Tally, 'events' | 'late' | 'refusedTotal'>): string[] {
    const counts = { records: events + refusedTotal, accepted: events, late, refused: refusedTotal }
    const shares = badShares({ name: 'recording', ...counts }, nothingCounted, 0)
    return [...idleNotice(this.#idle.conditions()), ...shares.map(shareNotice)]
  }
}

function idleNotice(conditions: readonly Condition[]): string[] {
  if (conditions.length === 0) return []
  const told = conditions.map(({ evidence: { detector, fields_missing: missing, vantage } }) => {
    if (!Array.isArray(missing)) return `${detector} (no event is of vantage ${vantage})`
    const more = missing.length > fieldsShown ? ', …' : ''
    return `${detector} (no event has ${missing.slice(0, fieldsShown).join(', ')}${more})`
  })
  const advice = 'log and map what is there, see ingest.<format>.fields, or disable them'
  return [`without input, so nothing of the kind could be found: ${told.join('; ')}; ${advice}`]
}

function shareNotice({ rule, evidence }: Condition): string {
  const { count, of } = evidence as typeof evidence & { count: number; of: number }
  const percent = `${((count / of) * 100).toFixed(1)}%`
  if (rule === 'late-share') {
    return `${percent} of the events were late and not judged: give all files of the same time to one replay`
  }
  return `${percent} of the records were refused as no event: most often --format does not fit, or a clock is wrong`
}
