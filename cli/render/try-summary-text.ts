import type { EventField } from '../../core/event/event-fields.ts'
import type { DetectorSight } from '../runtime/detector-needs.ts'
import type { TrySummary } from '../runtime/try-summary.ts'
import { type Layout, plainLayout } from './layout.ts'
import { safeText } from './safe-text.ts'

/** What the lines tell together, what each detector will see, and what to do next. */
export function trySummaryText(summary: TrySummary, layout: Layout = plainLayout): string {
  const { lines, events, skipped, refused, detectors } = summary
  const reasons = Object.entries(refused).map(([reason, count]) => `${count} ${reason}`)
  const refusedCount = Object.values(refused).reduce((sum, count) => sum + count, 0)
  const counts = `${counted(lines, 'line')}: ${counted(events, 'event')}, ${skipped} skipped, ${refusedCount} refused`
  return [
    `${counts}${reasons.length > 0 ? ` (${reasons.join(', ')})` : ''}`,
    ...(events > 0
      ? ['', 'What detectors will see in such lines:', ...detectors.map((one) => sightText(one, layout))]
      : []),
    '',
    ...nextSteps(summary).map((step) => `next: ${step}`),
  ].join('\n')
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

function sightText({ detector, blindWithout, neverSeen }: DetectorSight, { paint }: Layout): string {
  if (blindWithout.length > 0) {
    const lacking = blindWithout.map((group) => `no ${anyOf(group)}`).join(', and ')
    return `  ${paint('bad', `${detector} will not work`)}: ${lacking}`
  }
  if (neverSeen.length === 0) return `  ${paint('good', `${detector} sees all it reads`)}`
  return `  ${paint('warning', `${detector} works, and sees less`)} without ${neverSeen.join(', ')}`
}

function anyOf(group: readonly EventField[]): string {
  const [last = '', ...others] = [...group].reverse()
  return others.length === 0 ? last : `${others.reverse().join(', ')} or ${last}`
}

/** What helps most, first. */
export function nextSteps({
  events,
  skipped,
  refused,
  formats,
  detectors,
  candidates,
}: TrySummary): string[] {
  if (events === 0 && Object.keys(refused).length === 0) {
    return [`give a file with ${skipped > 0 ? 'events in it: these are comments' : 'lines in it'}`]
  }
  if (events === 0 && formats.length === 0) {
    return ['name the format with --format; picket ingest try --help lists them']
  }
  const format = formats[0] ?? 'canonical'
  const guide = `ingest/formats/${format}/README.md`
  if (events === 0) return [`compare a line with the mapping table in ${guide}, or name another --format`]
  const steps = candidates.slice(0, 5).map(({ format: id, key, field }) => {
    const mapping =
      id === 'canonical' ? `write it as ${field}` : `ingest.${id}.fields: { ${field}: ${safeText(key)} }`
    return `if ${safeText(key)} is authenticated, map it: ${mapping}`
  })
  const isBlind = detectors.some(({ blindWithout }) => blindWithout.length > 0)
  if (isBlind && steps.length === 0) steps.push(`log what is missing; ${guide} says which keys tell it`)
  return [...steps, 'judge the whole log: picket replay FILE']
}
