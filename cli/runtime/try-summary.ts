import type { ConfiguredDetector } from '../../core/detector/detector.ts'
import { type EventField, eventFieldNames } from '../../core/event/event-fields.ts'
import { type DetectorSight, detectorSight } from './detector-needs.ts'
import type { TriedLine } from './try-lines.ts'

/** What the lines tell together. */
export interface TrySummary {
  readonly lines: number
  readonly events: number
  readonly skipped: number
  readonly refused: Readonly<Record<string, number>>
  readonly formats: readonly string[]
  /** Fields that some event bore. */
  readonly seen: readonly EventField[]
  readonly detectors: readonly DetectorSight[]
  /** Keys that nothing was made of, whose names sound like a field that a detector lacks. */
  readonly candidates: readonly {
    readonly format: string
    readonly key: string
    readonly field: EventField
  }[]
}

export function trySummary(
  lines: readonly TriedLine[],
  detectors: readonly ConfiguredDetector[],
): TrySummary {
  const refused: Record<string, number> = {}
  const seen = new Set<EventField>()
  const candidates = new Map<string, TrySummary['candidates'][number]>()
  for (const { format, explained } of lines) {
    if (explained.outcome === 'refused') refused[explained.reason] = (refused[explained.reason] ?? 0) + 1
    if (explained.outcome !== 'event') continue
    for (const field of eventFieldNames) if (explained.event[field] !== undefined) seen.add(field)
    for (const { key, candidate } of explained.dropped) {
      if (candidate && format) candidates.set(`${format} ${key}`, { format, key, field: candidate })
    }
  }
  const sights = detectorSight(detectors, seen)
  const wanted = new Set(
    sights.flatMap(({ blindWithout, neverSeen }) => [...blindWithout.flat(), ...neverSeen]),
  )
  const count = (outcome: string) => lines.filter(({ explained }) => explained.outcome === outcome).length
  return {
    lines: lines.length,
    events: count('event'),
    skipped: count('skip'),
    refused,
    formats: [...new Set(lines.flatMap(({ format }) => format ?? []))],
    seen: eventFieldNames.filter((field) => seen.has(field)),
    detectors: sights,
    candidates: [...candidates.values()].filter(({ field }) => wanted.has(field)),
  }
}
