import type { Database, Statement } from 'better-sqlite3'
import type { EncodedChanges } from './encode-changes.ts'
import { deadLettersMax } from './state-bounds.ts'
import { storedText } from './stored-text.ts'

const sql = {
  position:
    'INSERT INTO positions VALUES (?, ?) ON CONFLICT DO UPDATE SET next_offset = excluded.next_offset',
  mark: 'INSERT INTO marks VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
  pack: `INSERT INTO entity_packs (detector, version, part, number, bytes) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET bytes = excluded.bytes`,
  packsGone: 'DELETE FROM entity_packs WHERE detector = ? AND version = ? AND part = ? AND number < ?',
  finding: `INSERT INTO findings (id, root, last, body) VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET root = excluded.root, last = excluded.last, body = excluded.body`,
  run: `INSERT INTO runs (id, finding, root, state, started, body) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET finding = excluded.finding, root = excluded.root, state = excluded.state,
      started = excluded.started, body = excluded.body`,
  journal: 'INSERT INTO journal (run, key, kind, body) VALUES (?, ?, ?, ?)',
  decision: 'INSERT INTO decisions VALUES (?, ?) ON CONFLICT DO UPDATE SET body = excluded.body',
  decisionGone: 'DELETE FROM decisions WHERE id = ?',
  exemption: 'INSERT INTO exemptions VALUES (?, ?) ON CONFLICT DO UPDATE SET body = excluded.body',
  deadLetter: 'INSERT INTO dead_letters (body) VALUES (?)',
  deadLettersOld: 'DELETE FROM dead_letters WHERE seq <= (SELECT max(seq) FROM dead_letters) - ?',
  control: 'INSERT INTO control_log (body) VALUES (?)',
  snapshot: 'INSERT INTO snapshots VALUES (?, ?) ON CONFLICT DO NOTHING',
} as const

type Statements = Readonly<Record<keyof typeof sql, Statement<unknown[]>>>

function writeDetection(statements: Statements, changes: EncodedChanges): void {
  for (const [partition, offset] of changes.positions) statements.position.run(storedText(partition), offset)
  for (const { key, value } of changes.marks) statements.mark.run(storedText(key), storedText(value))
  for (const { detector, version, part, number, oldest, bytes } of changes.packs) {
    const log = [storedText(detector), version, part]
    statements.pack.run(...log, number, bytes)
    statements.packsGone.run(...log, oldest)
  }
  for (const { id, root, last, body } of changes.findings) {
    statements.finding.run(storedText(id), storedText(root), last, body)
  }
  for (const body of changes.deadLetters) statements.deadLetter.run(body)
  if (changes.deadLetters.length > 0) statements.deadLettersOld.run(deadLettersMax)
  for (const body of changes.control) statements.control.run(body)
  for (const { digest, text } of changes.snapshots) statements.snapshot.run(digest, text)
}

function writeResponse(statements: Statements, changes: EncodedChanges): void {
  for (const { id, finding, root, state, started, body } of changes.runs) {
    statements.run.run(storedText(id), storedText(finding), storedText(root), state, started, body)
  }
  for (const { run, key, kind, body } of changes.journal) {
    statements.journal.run(storedText(run), storedText(key), kind, body)
  }
  for (const { id, body } of changes.decisions) statements.decision.run(storedText(id), body)
  // After the upserts: whatever else a commit says, a removed enforcement is gone.
  for (const id of changes.decisionsRemoved) statements.decisionGone.run(storedText(id))
  for (const { id, body } of changes.exemptions) statements.exemption.run(storedText(id), body)
}

/** The prepared writes of one connection; call the result inside a transaction. */
export function prepareWriter(db: Database): (changes: EncodedChanges) => void {
  const statements = Object.fromEntries(
    Object.entries(sql).map(([name, text]) => [name, db.prepare(text)]),
  ) as Statements
  return function write(changes) {
    writeDetection(statements, changes)
    writeResponse(statements, changes)
  }
}
