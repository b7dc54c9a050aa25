import type { Decode, Refused } from '../../core/event/decoder.ts'
import type { Event } from '../../core/event/event.ts'
import { EventRecord } from '../../core/event/event-record.ts'

/** What became of a line, as a value to compare: of an event only the fields that it has. */
export type LineOutcome =
  | { readonly outcome: 'event'; readonly event: Event }
  | { readonly outcome: 'skip' }
  | ({ readonly outcome: 'refused' } & Refused)

/** Decodes one line into a record of its own, which held another event before. */
export function decodeLine(decode: Decode, line: string | Uint8Array): LineOutcome {
  const bytes = typeof line === 'string' ? Buffer.from(line) : line
  const record = new EventRecord()
  Object.assign(record, { path: '/before', 'object.id': 'before', 'token.aud': ['before'] })
  const decoded = decode(bytes, 0, bytes.length, record)
  if (decoded === 'skip') return { outcome: 'skip' }
  if (decoded !== 'event') return { outcome: 'refused', ...decoded }
  const present = Object.entries(record).filter(([, value]) => value !== undefined)
  return { outcome: 'event', event: Object.fromEntries(present) as unknown as Event }
}
