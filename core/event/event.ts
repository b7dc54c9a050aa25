import type { EventField, eventFields } from './event-fields.ts'

type ValueOf = { text: string; number: number; instant: number; texts: readonly string[]; boolean: boolean }
type Fields = { [F in EventField]?: ValueOf[(typeof eventFields)[F]['type']] | undefined }

/**
 * One thing that a gateway or service saw, flat, with the dotted names of `eventFields` as keys.
 * All instants are epoch milliseconds. Values are what an attacker wrote: bounded in length, else untrusted.
 */
export type Event = Fields & { time: number }

/**
 * What a detector sees: the fields it declared, and `time`. It is a cursor, dead after the call, because
 * the decoder moves it to the next line; keep values, never the view.
 */
export type EventView<Reads extends EventField = EventField> = Readonly<Pick<Event, Reads | 'time'>>
