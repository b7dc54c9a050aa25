import { isTakenBack, type StepState } from '../../core/response/run.ts'
import { shortTime } from './times.ts'

/** What became of a step, in a word or two. What was in force and ended early is no refusal. */
export function stepStatus(state: StepState): string {
  return isTakenBack(state) ? 'taken back' : state.status.replace('_', ' ')
}

/** Why it came out so: the rule with its numbers, the condition, the person; empty where there is nothing to say. */
export function stepReason(state: StepState): string {
  const { status, rule, detail = '', decision, until } = state
  if (status === 'applied') return detail
  if (status === 'skipped') return detail.replace(/^when: /, 'its condition is false: ')
  // A person's undo is kept under the exemption that comes of it.
  if (isTakenBack(state) && rule === 'exempt') return detail.replace(/^taken back (?=by )/, '')
  const why = [rule, detail].filter((part) => part !== undefined && part !== '').join(': ')
  const isRenewal = !isTakenBack(state) && decision !== undefined && until !== undefined
  return isRenewal ? `${why}; what was decided before holds until ${shortTime(until)}` : why
}
