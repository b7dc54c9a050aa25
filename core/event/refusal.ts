import type { Position } from './position.ts'

/** Why an input was refused: a closed list, so that counts and metrics stay few. */
export const refusalReasons = [
  'not_parsable',
  'not_an_object',
  'too_long',
  'too_deep',
  'time_missing',
  'time_invalid',
  'time_ahead',
  'time_step',
  'field_invalid',
] as const
export type RefusalReason = (typeof refusalReasons)[number]

/** An input that could not become an event, kept for a person to look at. */
export interface DeadLetter {
  readonly position: Position
  readonly reason: RefusalReason
  /** What exactly was wrong, such as `status: expected a number`; at most 200 characters. */
  readonly detail: string
  /** At most 4 KB of the input, credentials masked. */
  readonly raw: string
}
