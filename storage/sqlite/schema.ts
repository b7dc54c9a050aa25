import type { Database } from 'better-sqlite3'
import { namePartsFirst } from './migrations/parts-first.ts'
import { rowsToPacks } from './migrations/rows-to-packs.ts'
import { StateError } from './state-error.ts'

/** Marks a SQLite file as Picket's state: `PCKT`. */
const applicationId = 0x50_43_4b_54

// Tables are STRICT, so that a column never holds another type than it says. Instants are REAL: event times may
// have fractions of a millisecond, and one of them must not fail a whole commit.
const version1 = `
  CREATE TABLE meta (
    id INTEGER PRIMARY KEY CHECK (id = 1), term INTEGER NOT NULL, owner TEXT NOT NULL
  ) STRICT;
  INSERT INTO meta VALUES (1, 0, '');

  CREATE TABLE positions (partition TEXT PRIMARY KEY, next_offset INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE marks (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE entities (
    seq INTEGER PRIMARY KEY, detector TEXT NOT NULL, version INTEGER NOT NULL, entity TEXT NOT NULL,
    bytes BLOB NOT NULL, UNIQUE (detector, version, entity)
  ) STRICT;

  CREATE TABLE findings (id TEXT PRIMARY KEY, root TEXT NOT NULL, last REAL NOT NULL, body TEXT NOT NULL) STRICT;
  CREATE INDEX findings_by_last ON findings (last, id);

  CREATE TABLE runs (
    id TEXT PRIMARY KEY, finding TEXT NOT NULL, root TEXT NOT NULL, state TEXT NOT NULL,
    started REAL NOT NULL, body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX runs_by_finding ON runs (finding);
  CREATE INDEX runs_by_root ON runs (root);
  CREATE INDEX runs_pending ON runs (started, id) WHERE state = 'pending';

  CREATE TABLE journal (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL, key TEXT NOT NULL, kind TEXT NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX journal_by_run ON journal (run);
  CREATE INDEX journal_by_key ON journal (key, kind);
  CREATE TRIGGER journal_entries_never_change BEFORE UPDATE ON journal
    BEGIN SELECT RAISE(ABORT, 'journal entries never change'); END;

  CREATE TABLE decisions (id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
  CREATE TABLE exemptions (id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
  CREATE TABLE dead_letters (seq INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL) STRICT;
  CREATE TABLE control_log (seq INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL) STRICT;
`

/** Texts that the control log names by digest. */
const version2 = 'CREATE TABLE snapshots (digest TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;'

/** What commits changed of entities and no fold has put into `entities` yet: a batch a commit, newer ones win. */
const version3 = 'CREATE TABLE entity_batches (seq INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;'

/** SQL, or what SQL cannot do. */
export type Migration = string | ((db: Database) => void)

/** The step from each version to the next; released steps are never edited, only followed by new ones. */
export const migrations: readonly Migration[] = [version1, version2, version3, namePartsFirst, rowsToPacks]

function pragmaNumber(db: Database, name: string): number {
  return Number(db.pragma(name, { simple: true }))
}

/** The schema version of a file; 0 for an empty one. Throws `schema` for files that aren't ours or are newer. */
function versionOf(db: Database, latest: number): number {
  const version = pragmaNumber(db, 'user_version')
  const empty = db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0
  if (!empty && pragmaNumber(db, 'application_id') !== applicationId) {
    const what = `${db.name} is a SQLite database, but not Picket's state`
    throw new StateError('schema', `${what}: name another data folder`)
  }
  if (version > latest) {
    const what = `${db.name} was written by a newer Picket (schema ${version}, this one knows up to ${latest})`
    throw new StateError('schema', `${what}: use that version, or another data folder`)
  }
  return version
}

/** Brings a file to the newest schema; call it inside a transaction, so that a crash leaves the old one. */
export function migrate(db: Database, steps: readonly Migration[] = migrations): void {
  const from = versionOf(db, steps.length)
  for (const step of steps.slice(from)) {
    if (typeof step === 'string') db.exec(step)
    else step(db)
  }
  if (from === steps.length) return
  db.pragma(`application_id = ${applicationId}`)
  db.pragma(`user_version = ${steps.length}`)
}

/** For readers, which cannot migrate: throws `schema` unless the file has exactly the newest schema. */
export function requireCurrentSchema(db: Database): void {
  const version = versionOf(db, migrations.length)
  if (version === migrations.length) return
  const what = `${db.name} has the older schema ${version} (this Picket reads ${migrations.length})`
  throw new StateError('schema', `${what}: start \`picket run\` once, which brings it up to date`)
}
