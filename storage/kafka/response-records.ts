import type { Message } from 'kafkajs'
import type { Decision } from '../../core/decision/decision.ts'
import type { Finding } from '../../core/detector/finding.ts'
import type { Changes, Restored } from '../../core/ports/state-store.ts'
import type { Exemption } from '../../core/response/exemption.ts'
import type { JournalEntry } from '../../core/response/journal.ts'
import type { Run } from '../../core/response/run.ts'
import { encodeChanges } from '../sqlite/encode-changes.ts'
import * as codecs from '../sqlite/record-codec.ts'

/** Ends what was committed before: whoever reads it has read all of that. */
export const barrierKey = 'barrier'

const prefixes = { run: 'run ', finding: 'finding ', journal: 'journal ', exemption: 'exemption ' } as const

/**
 * Records of the response topic. Each entry of the journal has a key of its own, in which `sequence` counts within the
 * term, because entries are never changed. Throws `StateError` for what can't be stored, or is of an older term.
 */
export function responseMessages(changes: Changes, term: number, sequence: () => number): Message[] {
  const { runs, findings, journal, exemptions } = encodeChanges(changes, term)
  const message = (key: string, value: string): Message => ({ key, value, partition: 0 })
  return [
    ...findings.map(({ id, body }) => message(prefixes.finding + id, body)),
    ...runs.map(({ id, body }) => message(prefixes.run + id, body)),
    ...journal.map(({ key, body }) => message(`${prefixes.journal}${term} ${sequence()} ${key}`, body)),
    ...exemptions.map(({ id, body }) => message(prefixes.exemption + id, body)),
  ]
}

/** Records of the decisions topic; those that ended have no value. */
export function decisionMessages({ decisions = [], decisionsRemoved = [] }: Changes): Message[] {
  return [
    ...decisions.map((decision) => ({
      key: decision.id,
      value: codecs.decisionCodec.encode(decision, decision.id),
      partition: 0,
    })),
    ...decisionsRemoved.map((id) => ({ key: id, value: null, partition: 0 })),
  ]
}

/** Reads a record of the decisions topic: the decision, or `undefined` when it ended. */
export function readDecision(id: string, value: Buffer | null): Decision | undefined {
  return value ? codecs.decisionCodec.decode(value.toString('utf8'), id) : undefined
}

/** What one record of the response topic says. */
export interface ResponseRecord {
  readonly run?: Run
  readonly finding?: Finding
  readonly exemption?: Exemption
  readonly entry?: JournalEntry
}

/** Reads a record of the response topic; of a barrier nothing. Throws `StateError` for a damaged one, `RangeError` for a strange one. */
export function readResponse(key: string, value: Buffer | null): ResponseRecord {
  if (!value || key === barrierKey) return {}
  const text = value.toString('utf8')
  if (key.startsWith(prefixes.run)) return { run: codecs.runCodec.decode(text, key) }
  if (key.startsWith(prefixes.finding)) return { finding: codecs.findingCodec.decode(text, key) }
  if (key.startsWith(prefixes.exemption)) return { exemption: codecs.exemptionCodec.decode(text, key) }
  if (key.startsWith(prefixes.journal)) return { entry: codecs.journalCodec.decode(text, key) }
  throw new RangeError(`the response topic has a record '${key.slice(0, 80)}' of another version of Picket`)
}

/** What a responder begins from: everything in the topics, the newest of each key. */
export class ResponseRecords {
  readonly runs = new Map<string, Run>()
  readonly findings = new Map<string, Finding>()
  readonly decisions = new Map<string, Decision>()
  readonly #exemptions = new Map<string, Exemption>()
  readonly #open = new Map<string, JournalEntry>()

  /** Takes a record of the response topic, in its order. Throws `StateError` for a damaged one. */
  takeResponse(key: string, value: Buffer | null): void {
    const { run, finding, exemption, entry } = readResponse(key, value)
    if (run) this.runs.set(run.id, run)
    if (finding) this.findings.set(finding.id, finding)
    if (exemption) this.#exemptions.set(key, exemption)
    if (entry) this.#takeEntry(entry)
  }

  /** Takes a record of the decisions topic, in its order. */
  takeDecision(key: string, value: Buffer | null): void {
    if (key === barrierKey) return
    const decision = readDecision(key, value)
    if (decision) this.decisions.set(key, decision)
    else this.decisions.delete(key)
  }

  restored(): Restored {
    return {
      positions: new Map(),
      marks: new Map(),
      decisions: [...this.decisions.values()],
      exemptions: [...this.#exemptions.values()],
      pendingRuns: [...this.runs.values()].filter(({ state }) => state === 'pending'),
      openIntents: [...this.#open.values()],
      openFindings: [...this.findings.values()],
    }
  }

  /** Intents and attempts that no later result of their key answers. */
  #takeEntry(entry: JournalEntry): void {
    if (entry.kind === 'result') this.#open.delete(entry.key)
    else if (entry.kind === 'intent' || entry.kind === 'attempt') this.#open.set(entry.key, entry)
  }
}
