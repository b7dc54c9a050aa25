import type { Database, Statement } from 'better-sqlite3'
import type { Decision } from '../../core/decision/decision.ts'
import type { Finding } from '../../core/detector/finding.ts'
import type { DeadLetter } from '../../core/event/refusal.ts'
import type { ControlEntry } from '../../core/manifest/control-log.ts'
import type { EntityPack, Restored } from '../../core/ports/state-store.ts'
import type { JournalEntry } from '../../core/response/journal.ts'
import type { Run } from '../../core/response/run.ts'
import * as codecs from './record-codec.ts'
import { deadLettersMax, openFindingsMs } from './state-bounds.ts'
import type { NumberedLetter, Recording } from './state-logs.ts'
import { originalText, storedText } from './stored-text.ts'

interface StoredRow {
  readonly id: string | number
  readonly body: string
}
interface PackRow extends Pick<EntityPack, 'version' | 'part' | 'number'> {
  readonly detector: string
  readonly bytes: Buffer
}

const sql = {
  term: 'SELECT term FROM meta',
  owner: 'SELECT owner FROM meta',
  positions: 'SELECT partition AS id, next_offset AS value FROM positions',
  marks: 'SELECT key AS id, value FROM marks',
  findings: 'SELECT id, body FROM findings WHERE last >= ? ORDER BY last, id',
  finding: 'SELECT id, body FROM findings WHERE id = ? AND last >= ?',
  openFindings: `SELECT id, body FROM findings
    WHERE last >= (SELECT max(last) FROM findings) - ? ORDER BY last, id`,
  runs: 'SELECT id, body FROM runs ORDER BY started, id',
  runsOf: `SELECT id, body FROM runs
    WHERE finding = :id OR root = :id OR root = (SELECT root FROM findings WHERE id = :id) ORDER BY started, id`,
  pendingRuns: `SELECT id, body FROM runs WHERE state = 'pending' ORDER BY started, id`,
  journal: 'SELECT seq AS id, body FROM journal WHERE run = ? ORDER BY seq',
  // A try after the last result is open too: its effect may have happened.
  openIntents: `SELECT tried.seq AS id, tried.body FROM journal AS tried
    WHERE tried.kind IN ('intent', 'attempt') AND NOT EXISTS (
      SELECT 1 FROM journal AS came
      WHERE came.key = tried.key AND came.kind = 'result' AND came.seq > tried.seq
    ) ORDER BY tried.seq`,
  decisions: 'SELECT id, body FROM decisions ORDER BY id',
  exemptions: 'SELECT id, body FROM exemptions ORDER BY id',
  deadLetters: `SELECT id, body FROM (
    SELECT seq AS id, body FROM dead_letters ORDER BY seq DESC LIMIT ?) ORDER BY id`,
  deadLettersAfter: 'SELECT seq AS id, body FROM dead_letters WHERE seq > ? ORDER BY seq LIMIT ?',
  control: 'SELECT seq AS id, body FROM control_log ORDER BY seq',
  pack: `SELECT detector, version, part, number, bytes FROM entity_packs
    WHERE (detector, version, part, number) > (?, ?, ?, ?) ORDER BY detector, version, part, number LIMIT 1`,
  snapshots: 'SELECT digest AS id, body AS value FROM snapshots',
} as const

/** Everything that is read from the state, by prepared statements; a damaged row throws with table and id. */
export class StateReader {
  readonly #db: Database
  readonly #statements: Readonly<Record<keyof typeof sql, Statement<unknown[]>>>

  constructor(db: Database) {
    this.#db = db
    this.#statements = Object.fromEntries(
      Object.entries(sql).map(([name, text]) => [name, db.prepare(text)]),
    ) as Record<keyof typeof sql, Statement<unknown[]>>
  }

  term(): number {
    const row = this.#statements.term.get() as { term: number } | undefined
    if (row === undefined) throw codecs.damaged('meta', '1', 'the row is missing')
    return row.term
  }

  /** Who opened the state last, in words. */
  owner(): string {
    return (this.#statements.owner.get() as { owner: string } | undefined)?.owner ?? ''
  }

  /** One snapshot, also beside a writer. */
  restore(): Restored {
    return this.#db.transaction(() => ({
      ...this.#places(),
      decisions: this.decisions(),
      exemptions: this.#records('exemptions', codecs.exemptionCodec),
      pendingRuns: this.#records('pendingRuns', codecs.runCodec),
      openIntents: this.#records('openIntents', codecs.journalCodec),
      openFindings: this.#records('openFindings', codecs.findingCodec, openFindingsMs),
    }))()
  }

  findings(id: string | undefined, since: number): Finding[] {
    if (id === undefined) return this.#records('findings', codecs.findingCodec, since)
    return this.#records('finding', codecs.findingCodec, storedText(id), since)
  }

  runs(finding: string | undefined): Run[] {
    if (finding === undefined) return this.#records('runs', codecs.runCodec)
    return this.#records('runsOf', codecs.runCodec, { id: storedText(finding) })
  }

  journal(run: string): JournalEntry[] {
    return this.#records('journal', codecs.journalCodec, storedText(run))
  }

  decisions(): Decision[] {
    return this.#records('decisions', codecs.decisionCodec)
  }

  deadLetters(limit: number): DeadLetter[] {
    return this.#records('deadLetters', codecs.deadLetterCodec, Math.min(limit, deadLettersMax))
  }

  deadLettersAfter(seq: number, limit: number): NumberedLetter[] {
    const rows = this.#statements.deadLettersAfter.all(seq, limit) as StoredRow[]
    return rows.map(({ id, body }) => ({
      seq: Number(id),
      letter: codecs.deadLetterCodec.decode(body, String(id)),
    }))
  }

  controlLog(): ControlEntry[] {
    return this.#records('control', codecs.controlCodec)
  }

  /** One snapshot, also beside a writer. */
  recording(): Recording {
    return this.#db.transaction(() => ({
      ...this.#places(),
      control: this.controlLog(),
      snapshots: this.#pairs<string>('snapshots'),
    }))()
  }

  /** The pack that follows one, in the order of logs and numbers; the first one without. */
  packAfter(before?: EntityPack): EntityPack | undefined {
    const place = before
      ? [storedText(before.detector), before.version, before.part, before.number]
      : ['', 0, '', 0]
    const row = this.#statements.pack.get(...place) as PackRow | undefined
    if (row === undefined) return undefined
    const { detector, version, part, number, bytes } = row
    // What a log begins with is not noted: packs in front of the oldest that counts are gone.
    return {
      detector: this.#text('entity_packs', detector),
      version,
      part,
      number,
      oldest: 0,
      bytes: owned(bytes),
    }
  }

  #places(): Pick<Restored, 'positions' | 'marks'> {
    const marks = [...this.#pairs<string>('marks')]
    return {
      positions: this.#pairs<number>('positions'),
      marks: new Map(marks.map(([key, value]) => [key, this.#text('marks', value)])),
    }
  }

  #pairs<Value>(table: 'positions' | 'marks' | 'snapshots'): Map<string, Value> {
    const rows = this.#statements[table].all() as { id: string; value: Value }[]
    return new Map(rows.map(({ id, value }) => [this.#text(table, id), value]))
  }

  #text(table: string, stored: string): string {
    try {
      return originalText(stored)
    } catch {
      throw codecs.damaged(table, stored, 'its text is not JSON')
    }
  }

  #records<Value>(name: keyof typeof sql, codec: codecs.RecordCodec<Value>, ...bound: unknown[]): Value[] {
    const rows = this.#statements[name].all(...bound) as StoredRow[]
    return rows.map(({ id, body }) => codec.decode(body, String(id)))
  }
}

/** A buffer that is nobody else's; small ones come out of a pool. */
function owned(bytes: Buffer): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes)
}
