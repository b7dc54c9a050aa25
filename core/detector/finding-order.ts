import type { Finding } from './finding.ts'

/** The order in which findings are listed and acted on: by the time of the last event, then by id. */
export function byLastThenId(left: Finding, right: Finding): number {
  return left.last - right.last || (left.id < right.id ? -1 : left.id > right.id ? 1 : 0)
}
