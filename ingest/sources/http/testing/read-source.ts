import type { Positions } from '../../../../core/event/position.ts'
import { partitionKey } from '../../../../core/event/position.ts'
import { type RawRecord, recordBytes, type Source } from '../../../../core/ports/source.ts'
import type { Mark } from '../../../../core/ports/state-store.ts'

/** What a commit made durable. */
export interface Durable {
  positions: Map<string, number>
  readonly marks: Map<string, string>
  /** Texts of the records, in order. */
  readonly records: string[]
}

export interface ReadSource {
  /** Commits all that was taken, as the pipeline does. */
  commit(): Promise<void>
  /** How many records were taken, committed or not. */
  readonly taken: number
  readonly kinds: readonly string[]
  readonly last: readonly RawRecord[]
  /** As SIGTERM does, without the last commit. */
  stop(): Promise<void>
}

export function nothingDurable(): Durable {
  return { positions: new Map(), marks: new Map(), records: [] }
}

/**
 * Reads a source as a run does: decodes each batch, taking records that begin with `!` for no events, and commits on
 * demand; `auto` commits every batch.
 */
export function readSource(source: Source, durable: Durable, auto = false): ReadSource {
  const stopped = new AbortController()
  const kinds: string[] = []
  let last: readonly RawRecord[] = []
  let positions: Positions = new Map(durable.positions)
  let marks: Mark[] = []
  let records: string[] = []
  let taken = 0
  async function commit(): Promise<void> {
    durable.positions = new Map(positions)
    for (const { key, value } of marks) durable.marks.set(key, value)
    durable.records.push(...records)
    marks = []
    records = []
    await source.committed?.(durable.positions)
  }
  async function read(): Promise<void> {
    for await (const batch of source.read(durable.positions, stopped.signal)) {
      kinds.push(batch.kind)
      if (batch.kind !== 'records') continue
      const texts = batch.records.map((record) => Buffer.from(recordBytes(record)).toString())
      const refused = texts.filter((text) => text.startsWith('!')).length
      marks.push(...(batch.decoded?.({ accepted: texts.length - refused, refused }) ?? []))
      records.push(...texts)
      taken += texts.length
      last = batch.records
      positions = new Map([...positions, [partitionKey(source.id, batch.partition), batch.next]])
      if (auto) await commit()
    }
  }
  const reading = read()
  reading.catch(() => {})
  return {
    commit,
    kinds,
    get taken() {
      return taken
    },
    get last() {
      return last
    },
    async stop() {
      stopped.abort()
      await reading
      await source.close?.()
    },
  }
}
