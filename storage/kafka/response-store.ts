import type { TopicMessages } from 'kafkajs'
import type { Finding } from '../../core/detector/finding.ts'
import type { Changes, StateStore } from '../../core/ports/state-store.ts'
import type { Run } from '../../core/response/run.ts'
import { controlMessages } from './control-messages.ts'
import { barrierKey, decisionMessages, type ResponseRecords, responseMessages } from './response-records.ts'
import type { GroupOffset, Transacted, Transactor } from './transactor.ts'

export interface ResponseStoreOptions {
  readonly transactor: Transactor
  readonly topics: { readonly response: string; readonly decisions: string; readonly control: string }
  /** Grows with every responder that takes over. */
  readonly term: number
  readonly records: ResponseRecords
  /** How long after a commit nobody else can have taken over yet, milliseconds. */
  readonly leaseMs: number
  /** Milliseconds that go on while the process is stopped. */
  now(): number
  /** What else a commit of these changes holds; asked in the order of the commits. */
  copies?(changes: Changes): Promise<TopicMessages>
}

/** Findings that are remembered, for people who take a decision back. */
const findingsMax = 20_000

/**
 * The truth of the one responder, in Kafka: every commit is a transaction under its fenced id, so one that was taken for
 * dead can't write any more, and asks before it acts whether it still may.
 */
export class ResponseStore implements Pick<StateStore, 'term' | 'commit' | 'runs' | 'findings'> {
  readonly term: number
  readonly #options: ResponseStoreOptions
  readonly #findings: Map<string, Finding>
  readonly #restoredRuns: Run[]
  #sequence = 0
  /** Begin of the newest commit that went through. */
  #provenAt = Number.NEGATIVE_INFINITY
  #committing: Promise<unknown> = Promise.resolve()

  constructor(options: ResponseStoreOptions) {
    this.term = options.term
    this.#options = options
    this.#findings = new Map(options.records.findings)
    this.#restoredRuns = [...options.records.runs.values()]
  }

  /** Commits, with the offsets of what was read until then. Throws `FencedError` once another responder has taken over. */
  async commit(changes: Changes, offsets: readonly GroupOffset[] = []): Promise<void> {
    const { topics } = this.#options
    const messages = responseMessages(changes, this.term, () => this.#sequence++)
    const copies = this.#options.copies?.(changes)
    await this.#write(async () => ({
      messages: [
        // A transaction needs a message.
        { topic: topics.response, messages: messages.length > 0 ? messages : [this.#barrier()] },
        { topic: topics.decisions, messages: decisionMessages(changes) },
        controlMessages(topics.control, 'respond', changes.control ?? []),
        ...(copies ? [await copies] : []),
      ],
      offsets,
    }))
    this.#remember(changes.findings ?? [])
  }

  /**
   * Resolves while nobody else can have taken over, by asking Kafka when the last commit is too long ago: a process that
   * slept must not act on what it meant to do before. Throws `FencedError` otherwise.
   */
  async confirm(): Promise<void> {
    if (this.#options.now() - this.#provenAt < this.#options.leaseMs) return
    const messages = [{ topic: this.#options.topics.response, messages: [this.#barrier()] }]
    await this.#write(async () => ({ messages }))
  }

  /** Those that were there when this responder began, once: after that it knows its own. */
  async runs(): Promise<readonly Run[]> {
    return this.#restoredRuns.splice(0)
  }

  async findings(filter: { readonly id?: string } = {}): Promise<readonly Finding[]> {
    const found = filter.id === undefined ? undefined : this.#findings.get(filter.id)
    if (filter.id !== undefined) return found ? [found] : []
    return [...this.#findings.values()]
  }

  #barrier() {
    return { key: barrierKey, value: String(this.term), partition: 0 }
  }

  /** One after the other. */
  #write(transacted: () => Promise<Transacted>): Promise<void> {
    const writing = this.#committing.then(async () => {
      const begun = this.#options.now()
      await this.#options.transactor.commit(await transacted())
      this.#provenAt = begun
    })
    // Whoever waits for this one hears of its failure; the next one meets its own.
    this.#committing = writing.catch(() => {})
    return writing
  }

  #remember(findings: readonly Finding[]): void {
    for (const finding of findings) {
      this.#findings.delete(finding.id)
      this.#findings.set(finding.id, finding)
    }
    for (const id of this.#findings.keys()) {
      if (this.#findings.size <= findingsMax) return
      this.#findings.delete(id)
    }
  }
}
