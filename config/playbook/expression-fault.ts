import { didYouMean, nameHint } from '../yaml/did-you-mean.ts'
import type { EvidenceType } from './evidence-type.ts'

/** What is wrong in an expression, at a range of its text. */
export interface ExpressionFault {
  readonly start: number
  readonly end: number
  readonly message: string
  readonly hint?: string
}

/** A fault whose place is known elsewhere. */
export type Fault = Pick<ExpressionFault, 'message' | 'hint'>

/** What the names in an expression may mean. */
export interface MemberWorld {
  /** Evidence by detector id. */
  readonly evidence: ReadonlyMap<string, EvidenceType>
  /** Ids of the steps before this one; absent when one of them can't be read. */
  readonly steps: readonly string[] | undefined
}

/** A name that is not among the known ones. */
export function unknownName(message: string, name: string, known: readonly string[]): Fault {
  const hint = didYouMean(name, known)
    ? nameHint(name, known)
    : `known here: ${known.slice(0, 24).join(', ')}`
  return { message, ...(hint === undefined ? {} : { hint }) }
}

/** A path that `has(…)` must ask for first. */
export function absentFault(path: string): Fault {
  return { message: `${path} is not in every finding`, hint: `ask first: has(${path}) &&` }
}
