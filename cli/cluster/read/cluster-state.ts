import type { KafkaMessage } from 'kafkajs'
import type { Decision } from '../../../core/decision/decision.ts'
import type { Finding } from '../../../core/detector/finding.ts'
import { byLastThenId } from '../../../core/detector/finding-order.ts'
import type { DeadLetter } from '../../../core/event/refusal.ts'
import type { JournalEntry } from '../../../core/response/journal.ts'
import type { Run } from '../../../core/response/run.ts'
import { readControl } from '../../../storage/kafka/control-messages.ts'
import { barrierKey, readDecision, readResponse } from '../../../storage/kafka/response-records.ts'
import { deadLettersMax } from '../../../storage/sqlite/state-bounds.ts'
import type { ControlRow } from '../../render/control-table.ts'
import type { ReadableState, StatePart } from '../../runtime/state-place.ts'
import { readFinding } from '../detect/finding-messages.ts'
import { readDeadLetter } from '../ingest/dead-letter-messages.ts'

/** What the topics of a cluster said when they were read: of each key the newest counts. */
export class ClusterState implements ReadableState {
  readonly #findings = new Map<string, Finding>()
  readonly #judged = new Map<string, Finding>()
  readonly #runs = new Map<string, Run>()
  readonly #journal: JournalEntry[] = []
  readonly #decisions = new Map<string, Decision>()
  #deadLetters: DeadLetter[] = []
  readonly #control: ControlRow[] = []

  /** Takes a message, in the order of its partition. Throws for one that can't be read. */
  take(part: StatePart, message: KafkaMessage): void {
    const key = String(message.key)
    if (part === 'findings') {
      const found = readFinding(message)
      if (found) this.#findings.set(key, found.finding)
      else this.#findings.delete(key)
    } else if (part === 'response') this.#takeResponse(key, message.value)
    else if (part === 'decisions') this.#takeDecision(key, message.value)
    else if (part === 'control') this.#takeControl(message)
    else this.#takeDeadLetter(message)
  }

  async findings(filter: { readonly id?: string; readonly since?: number } = {}): Promise<Finding[]> {
    const { id, since = Number.NEGATIVE_INFINITY } = filter
    const one = id === undefined ? undefined : this.#findings.get(id)
    const found = id === undefined ? [...this.#findings.values()] : one ? [one] : []
    return found.filter(({ last }) => last >= since).sort(byLastThenId)
  }

  async runs({ finding: id }: { readonly finding?: string } = {}): Promise<Run[]> {
    const root = id === undefined ? undefined : this.#judged.get(id)?.root
    return [...this.#runs.values()]
      .filter(({ finding }) => id === undefined || [id, root].includes(finding.root) || finding.id === id)
      .sort((left, right) => left.started - right.started || (left.id < right.id ? -1 : 1))
  }

  async journal(run: string): Promise<JournalEntry[]> {
    return this.#journal.filter((entry) => entry.run === run)
  }

  async decisions(): Promise<Decision[]> {
    return [...this.#decisions.values()]
  }

  async deadLetters(): Promise<DeadLetter[]> {
    return this.#deadLetters.slice(-deadLettersMax)
  }

  async controlLog(): Promise<readonly ControlRow[]> {
    return this.#control
  }

  #takeControl(message: KafkaMessage): void {
    const record = readControl(message)
    if (record) this.#control.push({ ...record.entry, by: record.by })
  }

  #takeResponse(key: string, value: Buffer | null): void {
    const { run, finding, entry } = readResponse(key, value)
    if (run) this.#runs.set(run.id, run)
    if (finding) this.#judged.set(finding.id, finding)
    if (entry) this.#journal.push(entry)
  }

  #takeDecision(key: string, value: Buffer | null): void {
    if (key === barrierKey) return
    const decision = readDecision(key, value)
    if (decision) this.#decisions.set(key, decision)
    else this.#decisions.delete(key)
  }

  #takeDeadLetter(message: KafkaMessage): void {
    const letter = readDeadLetter(message)
    if (!letter) return
    this.#deadLetters.push(letter)
    if (this.#deadLetters.length > 2 * deadLettersMax)
      this.#deadLetters = this.#deadLetters.slice(-deadLettersMax)
  }
}
