import type { Finding } from '../../core/detector/finding.ts'
import type { DeadLetter } from '../../core/event/refusal.ts'
import type { ControlEntry } from '../../core/manifest/control-log.ts'
import type { Mark } from '../../core/ports/state-store.ts'
import type { News } from './intake.ts'

/** Events that a crash would have to judge again, at most; and so many as are worth a commit. */
const [eventsMax, eventsWorthwhile] = [20_000, 4000]

/** What was told besides events, which no commit holds yet. */
export interface Told {
  readonly deadLetters: readonly DeadLetter[]
  readonly control: readonly ControlEntry[]
  /** Of the sources. */
  readonly marks: readonly Mark[]
}

/** What is committed besides what came of events. */
export interface Reported {
  /** Operational ones, about ourselves. */
  readonly findings?: readonly Finding[]
  readonly control?: readonly ControlEntry[]
}

/** What the next commit holds besides events and what became of them. */
export class Uncommitted {
  /** Events taken. */
  events = 0
  /** Operational findings; whoever captures the engine's findings takes them. */
  readonly notes: Finding[] = []
  #deadLetters: DeadLetter[] = []
  #control: ControlEntry[] = []
  #marks: Mark[] = []

  get isFull(): boolean {
    return this.events >= eventsMax
  }

  get isWorthwhile(): boolean {
    return this.events >= eventsWorthwhile
  }

  /** What others than the sources tell. */
  report({ findings = [], control = [] }: Reported): void {
    this.notes.push(...findings)
    for (const finding of findings) this.#control.push({ kind: 'note', at: finding.last, finding })
    this.#control.push(...control)
  }

  /** What a part told, where event time stands at `at`. */
  add({ lane, report, marks = [], lost = [] }: News, at: number): void {
    for (const { from, to, why } of lost)
      this.#control.push({ kind: 'lost-range', at, partition: lane.key, from, to, why })
    for (const letter of report.deadLetters) this.#deadLetters.push(letter)
    for (const mark of marks) this.#marks.push(mark)
  }

  /** Everything so far, once. */
  drain(): Told {
    const told = { deadLetters: this.#deadLetters, control: this.#control, marks: this.#marks }
    this.events = 0
    this.#deadLetters = []
    this.#control = []
    this.#marks = []
    return told
  }
}
