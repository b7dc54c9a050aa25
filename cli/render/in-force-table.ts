import type { Decision } from '../../core/decision/decision.ts'
import { rateText } from './decision-line.ts'
import type { Layout } from './layout.ts'
import { renderTable } from './table.ts'
import { lengthOfTime, shortTime } from './times.ts'

/** Enforcements in force at `now` (epoch milliseconds), the one that ends first on top. */
export function inForceTable(decisions: readonly Decision[], now: number, layout?: Layout): string {
  return renderTable(
    inForce(decisions, now),
    [
      { heading: 'UNTIL (UTC)', text: ({ until }) => shortTime(until) },
      { heading: 'LEFT', text: ({ until }) => lengthOfTime(until - now) },
      { heading: 'WHAT', text: enforcementText, tone: 'warning' },
      { heading: 'WHO', text: ({ scope, value }) => `${scope} ${value}`, widthMax: 44, tone: 'name' },
      { heading: 'BY', text: ({ by }) => by },
    ],
    'no decision is in force',
    layout,
  )
}

/** Those that bind at `now`, the one that ends first on top. */
export function inForce(decisions: readonly Decision[], now: number): Decision[] {
  return decisions
    .filter(({ from, until }) => from <= now && now < until)
    .sort((left, right) => left.until - right.until || (left.id < right.id ? -1 : 1))
}

/** `deny`, `throttle 5/m`. */
export function enforcementText({ type, rate }: Decision): string {
  return rate ? `${type} ${rateText(rate)}` : type
}
