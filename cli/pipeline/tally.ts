import type { Finding } from '../../core/detector/finding.ts'
import type { DeadLetter, RefusalReason } from '../../core/event/refusal.ts'
import type { PlanProblem } from '../../core/response/planner.ts'
import type { News } from './intake.ts'

/** Refused inputs that are shown as examples. */
const examplesMax = 10

/** What a person wants to know at the end: how much was read, refused, late and found. */
export class Tally {
  events = 0
  late = 0
  readonly refused = new Map<RefusalReason, number>()
  /** The same by source. */
  readonly refusedBy = new Map<string, Map<RefusalReason, number>>()
  /** Records that nobody can read any more, by source. */
  readonly lostBy = new Map<string, number>()
  readonly #firsts: DeadLetter[] = []
  readonly #others = new Map<string, DeadLetter>()
  readonly findings = new Set<string>()
  readonly problems: PlanProblem[] = []

  refuse(letter: DeadLetter): void {
    const { reason, position } = letter
    const own = this.refusedBy.get(position.source) ?? new Map<RefusalReason, number>()
    this.refusedBy.set(position.source, own)
    own.set(reason, (own.get(reason) ?? 0) + 1)
    const before = this.refused.get(reason) ?? 0
    this.refused.set(reason, before + 1)
    if (before === 0) this.#firsts.push(letter)
    if (this.#others.size >= examplesMax) return
    // The same fault in another number or name says nothing more.
    const fault = `${reason}: ${letter.detail.replace(/\d+|'[^']*'|"[^"]*"/g, '')}`
    if (!this.#others.has(fault)) this.#others.set(fault, letter)
  }

  /** Records that a source found gone. */
  lose({ lane, lost = [] }: Pick<News, 'lane' | 'lost'>): void {
    for (const { from, to } of lost)
      this.lostBy.set(lane.source, (this.lostBy.get(lane.source) ?? 0) + to - from)
  }

  /** An event of this lane was late. */
  addLate(lane: { late: number }): void {
    this.late++
    lane.late++
  }

  add(findings: readonly Finding[], problems: readonly PlanProblem[]): void {
    for (const finding of findings) if (finding.severity !== 'info') this.findings.add(finding.id)
    // A playbook that fails on every finding would fill memory; the first ones say it all.
    if (this.problems.length < 100) this.problems.push(...problems)
  }

  /** The first of each reason, then of each fault within a reason, ten at most: enough to see what is wrong, and where. */
  get examples(): readonly DeadLetter[] {
    return [...new Set([...this.#firsts, ...this.#others.values()])].slice(0, examplesMax)
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
