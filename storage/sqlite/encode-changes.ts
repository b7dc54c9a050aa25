import type { Snapshot } from '../../core/manifest/control-log.ts'
import type { Changes, EntityPack, Mark } from '../../core/ports/state-store.ts'
import type { JournalEntry } from '../../core/response/journal.ts'
import {
  controlCodec,
  deadLetterCodec,
  decisionCodec,
  exemptionCodec,
  findingCodec,
  journalCodec,
  runCodec,
} from './record-codec.ts'
import { deadLettersMax } from './state-bounds.ts'
import { StateError } from './state-error.ts'

/** A value of its table: the columns that queries need, and the whole record as JSON. */
interface Row {
  readonly id: string
  readonly body: string
}
export interface FindingRow extends Row {
  readonly root: string
  readonly last: number
}
export interface RunRow extends Row {
  readonly finding: string
  readonly root: string
  readonly state: string
  readonly started: number
}
export interface JournalRow {
  readonly run: string
  readonly key: string
  readonly kind: JournalEntry['kind']
  readonly body: string
}

/**
 * `Changes` checked whole and encoded: what remains to do cannot fail because of its content. Plain data, so that it can cross
 * to another thread.
 */
export interface EncodedChanges {
  readonly positions: readonly (readonly [partition: string, offset: number])[]
  readonly packs: readonly EntityPack[]
  readonly marks: readonly Mark[]
  readonly findings: readonly FindingRow[]
  readonly runs: readonly RunRow[]
  readonly journal: readonly JournalRow[]
  readonly decisions: readonly Row[]
  readonly decisionsRemoved: readonly string[]
  readonly exemptions: readonly Row[]
  readonly deadLetters: readonly string[]
  readonly control: readonly string[]
  readonly snapshots: readonly Snapshot[]
}

function invalid(what: string, id: string, why: string): StateError {
  return new StateError('invalid', `${what} ${JSON.stringify(id)} cannot be stored: ${why}`)
}

function checkedJournal(entry: JournalEntry, term: number): JournalRow {
  const body = journalCodec.encode(entry, entry.key)
  if (entry.term < term) {
    const why = `journal entry ${JSON.stringify(entry.key)} is of term ${entry.term}, the store of term ${term}`
    throw new StateError('fenced', `${why}: a responder of an older term must not act`)
  }
  return { run: entry.run, key: entry.key, kind: entry.kind, body }
}

function checkNumbers(changes: Changes): void {
  for (const [partition, offset] of changes.positions ?? []) {
    if (Number.isSafeInteger(offset) && offset >= 0) continue
    throw invalid('position', partition, `the offset must be an integer from 0 to 2^53 - 1, not ${offset}`)
  }
  for (const { detector, version, number } of changes.packs ?? []) {
    if (Number.isSafeInteger(version) && Number.isSafeInteger(number) && number > 0) continue
    throw invalid(
      'pack',
      `${detector} ${number}`,
      `the version must be an integer and the number a positive one, not ${version} and ${number}`,
    )
  }
}

/**
 * Checks and encodes everything before anything is written.
 * Throws `StateError`: `invalid` names the record, `fenced` a journal entry of a term older than `term`.
 */
export function encodeChanges(changes: Changes, term: number): EncodedChanges {
  checkNumbers(changes)
  return {
    positions: [...(changes.positions ?? [])],
    packs: changes.packs ?? [],
    marks: changes.marks ?? [],
    findings: (changes.findings ?? []).map((finding) => {
      const { id, root, last } = finding
      return { id, root, last, body: findingCodec.encode(finding, id) }
    }),
    runs: (changes.runs ?? []).map((run) => {
      const body = runCodec.encode(run, run.id)
      findingCodec.encode(run.finding, run.finding.id)
      const { id, finding, state, started } = run
      return { id, finding: finding.id, root: finding.root, state, started, body }
    }),
    journal: (changes.journal ?? []).map((entry) => checkedJournal(entry, term)),
    decisions: (changes.decisions ?? []).map((decision) => {
      return { id: decision.id, body: decisionCodec.encode(decision, decision.id) }
    }),
    decisionsRemoved: changes.decisionsRemoved ?? [],
    exemptions: (changes.exemptions ?? []).map((exemption) => {
      const { entity, detector } = exemption
      const id = JSON.stringify([entity.kind, entity.id, detector ?? null])
      return { id, body: exemptionCodec.encode(exemption, id) }
    }),
    deadLetters: (changes.deadLetters ?? []).slice(-deadLettersMax).map((letter) => {
      return deadLetterCodec.encode(letter, letter.detail)
    }),
    control: (changes.control ?? []).map((entry) => controlCodec.encode(entry, entry.kind)),
    snapshots: changes.snapshots ?? [],
  }
}
