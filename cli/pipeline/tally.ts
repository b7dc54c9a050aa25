import type { Finding } from '../../core/detector/finding.ts'
import type { DeadLetter, RefusalReason } from '../../core/event/refusal.ts'
import type { PlanProblem } from '../../core/response/planner.ts'

const refusalsShown = 3

/** What a person wants to know at the end: how much was read, refused, late and found. */
export class Tally {
  events = 0
  late = 0
  readonly refused = new Map<RefusalReason, number>()
  /** Enough to see what is wrong. */
  readonly firstRefusals: DeadLetter[] = []
  readonly findings = new Set<string>()
  readonly problems: PlanProblem[] = []

  refuse(letter: DeadLetter): void {
    const { reason } = letter
    this.refused.set(reason, (this.refused.get(reason) ?? 0) + 1)
    if (this.firstRefusals.length < refusalsShown) this.firstRefusals.push(letter)
  }

  add(findings: readonly Finding[], problems: readonly PlanProblem[]): void {
    for (const finding of findings) if (finding.severity !== 'info') this.findings.add(finding.id)
    // A playbook that fails on every finding would fill memory; the first ones say it all.
    if (this.problems.length < 100) this.problems.push(...problems)
  }

  get refusedTotal(): number {
    return [...this.refused.values()].reduce((sum, count) => sum + count, 0)
  }

  /** `1,234 events, 3 refused (2 not_parsable, 1 time_step), 0 late`. */
  summary(): string {
    const number = new Intl.NumberFormat('en-US')
    const reasons = [...this.refused].sort(([left], [right]) => (left < right ? -1 : 1))
    const why =
      reasons.length > 0 ? ` (${reasons.map(([reason, count]) => `${count} ${reason}`).join(', ')})` : ''
    return `${number.format(this.events)} events, ${number.format(this.refusedTotal)} refused${why}, ${number.format(this.late)} late`
  }
}
