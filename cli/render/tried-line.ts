import { type EventField, eventFields } from '../../core/event/event-fields.ts'
import type { Mapped } from '../../ingest/formats/explain/explain-line.ts'
import type { Dropped } from '../../ingest/formats/explain/why-dropped.ts'
import type { TriedLine } from '../runtime/try-lines.ts'
import { jsonLine } from './json-line.ts'
import { type Layout, plainLayout } from './layout.ts'
import { safeText } from './safe-text.ts'
import { renderTable } from './table.ts'

/** A line as a person reads it: where it is, then each key with the field it told, then what told nothing. */
export function triedLineText(tried: TriedLine, layout: Layout = plainLayout): string {
  const { explained, format, input, number, offset } = tried
  const { paint } = layout
  const place = `${safeText(input, 300)}, line ${number} at byte ${offset}`
  const head = `${paint('name', place)}: ${format ?? 'format unknown'}`
  if (explained.outcome === 'skip') return `${head}, skipped: no record (a comment or header)`
  if (explained.outcome === 'refused') {
    return `${head}, ${paint('bad', `refused: ${explained.reason}`)}: ${safeText(explained.detail, 200)}`
  }
  const { event, mapped, dropped } = explained
  const table = renderTable(
    mapped,
    [
      { heading: 'KEY', text: ({ key }) => key ?? '(the format)' },
      { heading: 'FIELD', text: ({ field }) => field },
      { heading: 'VALUE', text: ({ field }) => valueText(field, event[field]), widthMax: 80 },
      { heading: '', text: (one) => notesOf(one, event[one.field]), widthMax: 120, tone: 'quiet' },
    ],
    'no key told anything',
    { paint },
  )
  return [head, indented(table), ...droppedLines(dropped).map((line) => paint('quiet', line))].join('\n')
}

/** A line as `--json` prints it. */
export function triedLineJson({ input, number, offset, format, explained }: TriedLine): string {
  const at = { type: 'line', input, line: number, offset, format: format ?? null, outcome: explained.outcome }
  if (explained.outcome === 'skip') return jsonLine(at)
  if (explained.outcome === 'refused') {
    return jsonLine({ ...at, reason: explained.reason, detail: explained.detail })
  }
  const { event, mapped, dropped } = explained
  const fields = mapped.map((one) => ({
    key: one.key ?? null,
    field: one.field,
    value: event[one.field],
    beside: one.beside,
    note: noteOf(one, event[one.field])?.[0],
  }))
  return jsonLine({ ...at, fields, dropped: dropped.map(({ key, reason, why }) => ({ key, reason, why })) })
}

function valueText(field: EventField, value: unknown): string {
  if (eventFields[field].type === 'instant' && typeof value === 'number') return new Date(value).toISOString()
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function notesOf(mapped: Mapped, value: unknown): string {
  const { beside = [] } = mapped
  const others = beside.length > 0 ? [`with ${beside.slice(0, 4).join(', ')}`] : []
  return [...others, ...(noteOf(mapped, value) ?? [])].join('; ')
}

/** What is left of a value that did not enter whole. */
function noteOf({ field, source }: Mapped, value: unknown): readonly [string] | undefined {
  if (typeof source !== 'string' || typeof value !== 'string') return undefined
  if (field === 'path') return queryNote(source, value)
  const isCut = source.length > value.length && source.startsWith(value) && value.length >= 8
  return isCut && isCutField(field) ? [`cut to ${value.length} of ${source.length} characters`] : undefined
}

/** A host loses its port and an address too; only texts kept as they are sent can be cut. */
function isCutField(field: EventField): boolean {
  return field !== 'host' && field !== 'client.ip' && field !== 'route' && field !== 'object.id'
}

function queryNote(source: string, path: string): readonly [string] | undefined {
  const query = source.split('#', 1)[0]?.split('?')[1]
  if (!query) return undefined
  const kept = new Set(new URLSearchParams(path.split('?')[1] ?? '').keys())
  const names = [...new Set(query.split('&').map((pair) => pair.split('=', 1)[0] ?? ''))]
  const gone = names.filter((name) => !kept.has(name))
  if (gone.length === 0) return undefined
  return [`query without ${gone.slice(0, 8).join(', ')}: not in ingest.query_allowlist`]
}

/** Keys that told nothing, together where the reason is the same. */
function droppedLines(dropped: readonly Dropped[]): string[] {
  return [...grouped(dropped)].map(([why, keys]) => {
    const names = keys.map(({ key }) => safeText(key, 60)).join(', ')
    return `  dropped (${safeText(why, 120)}): ${names}`
  })
}

function grouped(dropped: readonly Dropped[]): Map<string, Dropped[]> {
  const groups = new Map<string, Dropped[]>()
  for (const one of dropped) groups.set(one.why, [...(groups.get(one.why) ?? []), one])
  return groups
}

function indented(text: string): string {
  return text.replace(/^/gm, '  ')
}
