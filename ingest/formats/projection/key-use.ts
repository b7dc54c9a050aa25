import type { KeyTable } from './key-table.ts'

/** A place that a key's value goes to. Of several claims on one place the lowest rank wins, then the later. */
export interface Take {
  readonly place: number
  readonly rank?: number
  /** Its plain texts, or lists of one, are noted apart from other values, for they are looked up alike. */
  readonly apart?: 'text' | 'list'
}

/** What is done with the value of a key. */
export interface KeyUse {
  /** Where the value itself goes. */
  readonly takes?: readonly Take[]
  /** What the keys mean in a value that is an object. */
  readonly inner?: KeyTable
  /** Text of an object may stand for the object, which is not looked into; its brace may be escaped. */
  readonly mayBeText?: boolean
  /** Things that this key tells and others could tell as well: where two of them do, the line is parsed whole. */
  readonly alternativeOf?: readonly number[]
  /** A line with this key is parsed whole. */
  readonly isDoubtful?: boolean
}
