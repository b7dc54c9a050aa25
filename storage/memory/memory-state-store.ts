import type { Changes, EntityPack, Restored, StateStore } from '../../core/ports/state-store.ts'
import { encodeChanges } from '../sqlite/encode-changes.ts'
import * as codecs from '../sqlite/record-codec.ts'
import { deadLettersMax } from '../sqlite/state-bounds.ts'
import { StateError } from '../sqlite/state-error.ts'
import type { StateLogs } from '../sqlite/state-logs.ts'
import { MemoryState } from './memory-state.ts'

/**
 * The state store of replay and demo: nothing is written, everything is gone with the process. Records are kept as
 * text, so that what is read back is as separate from what was given as it is with a file. Opening a store over the
 * `MemoryState` of another is a restart: the older one is fenced.
 */
export class MemoryStateStore implements StateStore, StateLogs {
  readonly term: number
  readonly state: MemoryState
  #open = true

  constructor(state = new MemoryState()) {
    state.term += 1
    this.state = state
    this.term = state.term
  }

  async restore(): Promise<Restored> {
    const state = this.#opened()
    return {
      positions: new Map(state.positions),
      marks: new Map(state.marks),
      decisions: await this.decisions(),
      exemptions: [...state.exemptions].map(([id, body]) => codecs.exemptionCodec.decode(body, id)),
      pendingRuns: state.pendingRuns().map(({ id, body }) => codecs.runCodec.decode(body, id)),
      openIntents: state.openIntents().map(({ key, body }) => codecs.journalCodec.decode(body, key)),
      openFindings: state.openFindings().map(({ id, body }) => codecs.findingCodec.decode(body, id)),
    }
  }

  async *packs(): AsyncGenerator<EntityPack> {
    yield* this.#opened().entities.all()
  }

  async commit(changes: Changes): Promise<void> {
    const state = this.#opened()
    const encoded = encodeChanges(changes, this.term)
    if (state.term !== this.term) {
      const what = `the state was opened again (term ${state.term}, this store has ${this.term})`
      throw new StateError('fenced', `${what}: this process must stop acting`)
    }
    state.apply(encoded)
  }

  /** Ordered by (last, id). */
  async findings(filter: { readonly id?: string; readonly since?: number } = {}) {
    return this.#opened()
      .findingRows(filter.since ?? Number.NEGATIVE_INFINITY)
      .filter(({ id }) => filter.id === undefined || id === filter.id)
      .map(({ id, body }) => codecs.findingCodec.decode(body, id))
  }

  /** Ordered by (started, id). `finding`: the runs of the chain of findings that this id belongs to. */
  async runs(filter: { readonly finding?: string } = {}) {
    const rows = this.#opened().runRows(filter.finding)
    return rows.map(({ id, body }) => codecs.runCodec.decode(body, id))
  }

  async journal(run: string) {
    const rows = this.#opened().journal.filter((row) => row.run === run)
    return rows.map(({ key, body }) => codecs.journalCodec.decode(body, key))
  }

  /** Ordered by id. */
  async decisions() {
    const rows = [...this.#opened().decisions].sort(([left], [right]) => (left < right ? -1 : 1))
    return rows.map(([id, body]) => codecs.decisionCodec.decode(body, id))
  }

  async deadLetters(limit = deadLettersMax) {
    const letters = this.#opened().deadLetters
    const newest = letters.slice(Math.max(0, letters.length - limit))
    return newest.map((body, index) => codecs.deadLetterCodec.decode(body, String(index)))
  }

  async controlLog() {
    return this.#opened().control.map((body, index) => codecs.controlCodec.decode(body, String(index)))
  }

  async recording() {
    const { positions, marks, snapshots } = this.#opened()
    return {
      positions: new Map(positions),
      marks: new Map(marks),
      control: await this.controlLog(),
      snapshots: new Map(snapshots),
    }
  }

  async close(): Promise<void> {
    this.#open = false
  }

  #opened(): MemoryState {
    if (this.#open) return this.state
    throw new StateError('closed', 'the state in memory was closed: open another store over it')
  }
}
