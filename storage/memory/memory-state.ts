import type { EncodedChanges, FindingRow, JournalRow, RunRow } from '../sqlite/encode-changes.ts'
import { deadLettersMax, openFindingsMs } from '../sqlite/state-bounds.ts'
import { EntityLogs } from './entity-logs.ts'

function byTimeAndId<Row extends { readonly id: string }>(time: (row: Row) => number) {
  return (left: Row, right: Row) => time(left) - time(right) || (left.id < right.id ? -1 : 1)
}

/** The tables of a state in memory; it outlives the stores that are opened over it, as a file does. */
export class MemoryState {
  term = 0
  readonly positions = new Map<string, number>()
  readonly marks = new Map<string, string>()
  readonly entities = new EntityLogs()
  readonly findings = new Map<string, FindingRow>()
  readonly runs = new Map<string, RunRow>()
  readonly journal: JournalRow[] = []
  readonly decisions = new Map<string, string>()
  readonly exemptions = new Map<string, string>()
  readonly deadLetters: string[] = []
  readonly control: string[] = []
  readonly snapshots = new Map<string, string>()

  /** Cannot fail half way: everything was checked when it was encoded. */
  apply(changes: EncodedChanges): void {
    for (const [partition, offset] of changes.positions) this.positions.set(partition, offset)
    for (const { key, value } of changes.marks) this.marks.set(key, value)
    this.entities.apply(changes.packs)
    for (const row of changes.findings) this.findings.set(row.id, row)
    for (const row of changes.runs) this.runs.set(row.id, row)
    for (const row of changes.journal) this.journal.push(row)
    for (const { id, body } of changes.decisions) this.decisions.set(id, body)
    for (const id of changes.decisionsRemoved) this.decisions.delete(id)
    for (const { id, body } of changes.exemptions) this.exemptions.set(id, body)
    for (const body of changes.deadLetters) this.deadLetters.push(body)
    if (this.deadLetters.length > deadLettersMax) {
      this.deadLetters.splice(0, this.deadLetters.length - deadLettersMax)
    }
    for (const body of changes.control) this.control.push(body)
    for (const { digest, text } of changes.snapshots)
      if (!this.snapshots.has(digest)) this.snapshots.set(digest, text)
  }

  findingRows(since: number): FindingRow[] {
    const rows = [...this.findings.values()].filter(({ last }) => last >= since)
    return rows.sort(byTimeAndId(({ last }) => last))
  }

  openFindings(): FindingRow[] {
    let newest = Number.NEGATIVE_INFINITY
    for (const { last } of this.findings.values()) newest = Math.max(newest, last)
    return this.findingRows(newest - openFindingsMs)
  }

  runRows(finding?: string): RunRow[] {
    const root = finding === undefined ? undefined : this.findings.get(finding)?.root
    const rows = [...this.runs.values()].filter((row) => {
      return finding === undefined || row.finding === finding || row.root === finding || row.root === root
    })
    return rows.sort(byTimeAndId(({ started }) => started))
  }

  pendingRuns(): RunRow[] {
    return this.runRows().filter(({ state }) => state === 'pending')
  }

  /** Intents and attempts that no later result of their key answers, in the order of the journal. */
  openIntents(): JournalRow[] {
    const answered = new Set<string>()
    const open: JournalRow[] = []
    for (const row of this.journal.toReversed()) {
      if (row.kind === 'result') answered.add(row.key)
      else if ((row.kind === 'intent' || row.kind === 'attempt') && !answered.has(row.key)) open.push(row)
    }
    return open.reverse()
  }
}
