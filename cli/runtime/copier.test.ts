import { Buffer } from 'node:buffer'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { AnalyticsBatch, AnalyticsStore, AnalyticsTables } from '../../core/ports/analytics-store.ts'
import { AnalyticsError, type AnalyticsProblem } from '../../storage/clickhouse/analytics-error.ts'
import { RowBytes } from '../../storage/clickhouse/row-binary/row-bytes.ts'
import { batchHeader, rowEncoder } from '../../storage/clickhouse/row-encoder.ts'
import { MemoryStateStore } from '../../storage/memory/memory-state-store.ts'
import type { Located, PartitionLane } from '../pipeline/partition-lane.ts'
import { at, decision, finding, run } from '../testing/state-records.ts'
import { Copier, type CopierBounds } from './copier.ts'
import { copyingStore } from './copying-store.ts'

const place = { space: 'default', lane: 'live' }

/** Remembers what it is given, and does what `answer` says to each insert. */
function recordingStore(
  answer: (count: number) => AnalyticsProblem | Promise<void> | undefined = () => undefined,
) {
  const sent: AnalyticsBatch[] = []
  let prepared = 0
  const store: Pick<AnalyticsStore, 'prepare' | 'insert'> = {
    async prepare() {
      prepared++
    },
    async insert(batch) {
      sent.push(batch)
      const what = answer(sent.length)
      if (typeof what === 'string') throw new AnalyticsError(what, `${what}, says the store`)
      await what
    },
  }
  return { store, sent, prepared: () => prepared }
}

function open(store: Pick<AnalyticsStore, 'prepare' | 'insert'>, bounds: Partial<CopierBounds> = {}) {
  const reports: string[] = []
  const copier = new Copier({
    store,
    ...place,
    report: (text) => reports.push(text),
    bounds: { batchMs: 60_000, batchRows: 5, ...bounds },
  })
  return { copier, reports }
}

/** Only what the copier reads of a lane. */
function events(partition: string, from: number, count: number, path?: string): Located[] {
  const lane = { source: 'gateway', partition, key: `gateway\u0000${partition}` } as PartitionLane
  return Array.from({ length: count }, (_, index) => ({
    time: at + index,
    offset: from + index,
    event: { time: at + index, ...(path === undefined ? {} : { path }) },
    lane,
  }))
}

const found = (count: number) => Array.from({ length: count }, (_, index) => finding({ id: `f-${index}` }))

/** Takes events, and the checkpoint that makes them durable. */
function copy(copier: Copier, items: readonly Located[]): void {
  copier.events(items)
  copier.captured()
  copier.committed([])
}

function encoded<T extends keyof AnalyticsTables>(table: T, rows: readonly AnalyticsTables[T][]): Buffer {
  const encoder = rowEncoder(table, place.space, place.lane)
  const out = new RowBytes()
  for (const row of rows) encoder.write(out, row)
  return Buffer.concat([batchHeader(table), out.take()])
}

/** Source, partition, first and last offset of each partition in a batch. */
const cuts = ({ token }: AnalyticsBatch) => JSON.parse(token).slice(3) as unknown[]

describe('the copier', () => {
  it('sends full batches at once and the rest when it is due, in order, each position once', async () => {
    const { store, sent, prepared } = recordingStore()
    const { copier } = open(store)
    for (let from = 0; from < 12; from += 2) copy(copier, events('t:0', from, 2))
    await setImmediate()
    expect(sent.map(cuts)).toEqual([[['gateway', 't:0', 0, 3]], [['gateway', 't:0', 4, 7]]])
    await copier.flush()
    expect(sent.map(cuts).slice(2)).toEqual([[['gateway', 't:0', 8, 11]]])
    expect(sent[0]?.token).toBe('["events","default","live",["gateway","t:0",0,3]]')
    expect(Buffer.from(sent[0]?.bytes ?? [])).toEqual(
      encoded('events', [...events('t:0', 0, 2), ...events('t:0', 2, 2)]),
    )
    expect(prepared()).toBe(1)
  })

  it('sends what is not full after a while', async () => {
    let told = () => {}
    const sending = new Promise<void>((resolve) => {
      told = resolve
    })
    const { store, sent } = recordingStore(() => {
      told()
      return undefined
    })
    const { copier } = open(store, { batchMs: 1 })
    copy(copier, events('t:0', 0, 2))
    await sending
    expect(sent.map(cuts)).toEqual([[['gateway', 't:0', 0, 1]]])
    await copier.flush()
  })

  it('hands events on when their checkpoint is committed, and not those that came after it', async () => {
    const { store, sent } = recordingStore()
    const { copier } = open(store)
    copier.events(events('t:0', 0, 2))
    copier.captured()
    copier.events(events('t:0', 2, 2))
    copier.committed([])
    await copier.flush()
    expect(sent.map(cuts)).toEqual([[['gateway', 't:0', 0, 1]]])
  })

  it('keeps nothing of an event, which may change once it was taken', async () => {
    const { store, sent } = recordingStore()
    const { copier } = open(store)
    const [item] = events('t:0', 7, 1, '/before')
    if (!item) throw new Error('no event')
    copier.events([item])
    item.event.path = '/after'
    copier.captured()
    copier.committed([])
    await copier.flush()
    expect(Buffer.from(sent[0]?.bytes ?? [])).toEqual(encoded('events', events('t:0', 7, 1, '/before')))
  })

  it('joins partitions and keeps tables apart, and never gives two batches one token', async () => {
    const { store, sent } = recordingStore()
    const { copier } = open(store, { batchRows: 6 })
    copy(copier, [...events('t:0', 0, 3), ...events('t:1', 0, 2)])
    copier.found({ findings: found(7), runs: [run()] })
    copier.responded({ runs: [run()], decisions: [decision()] })
    await copier.flush()
    expect(sent.map(({ table }) => table)).toEqual(['findings', 'events', 'findings', 'runs', 'decisions'])
    expect(cuts(sent[1] as AnalyticsBatch)).toEqual([
      ['gateway', 't:0', 0, 2],
      ['gateway', 't:1', 0, 1],
    ])
    const second = recordingStore()
    const other = open(second.store).copier
    other.found({ findings: found(7), runs: [run()] })
    await other.flush()
    const tokens = [...sent, ...second.sent].map(({ token }) => token)
    expect(new Set(tokens).size).toBe(tokens.length)
  })

  it('hashes a token that would not fit in an address', async () => {
    const { store, sent } = recordingStore()
    const { copier } = open(store, { batchRows: 1000 })
    copy(copier, Array.from({ length: 100 }, (_, partition) => events(`t:${partition}`, 0, 1)).flat())
    await copier.flush()
    expect(sent).toHaveLength(1)
    expect(sent[0]?.token).toMatch(/^[0-9a-f]{64}$/)
  })

  it('repeats what may pass with the same token, and keeps the order', async () => {
    const { store, sent } = recordingStore((count) => (count === 1 ? 'unreachable' : undefined))
    const { copier, reports } = open(store)
    for (const from of [0, 5]) copy(copier, events('t:0', from, 5))
    await copier.flush()
    expect(sent.map(cuts)).toEqual(
      [
        [0, 4],
        [0, 4],
        [5, 9],
      ].map(([first, last]) => [['gateway', 't:0', first, last]]),
    )
    expect(sent[1]).toEqual(sent[0])
    expect(reports).toEqual([
      'copies for analysis wait in memory: unreachable, says the store',
      'copies for analysis go on',
    ])
    expect(copier.dropped.size).toBe(0)
  })

  it('skips what was refused, says so, and goes on', async () => {
    const { store, sent } = recordingStore((count) => (count === 1 ? 'refused' : undefined))
    const { copier, reports } = open(store)
    for (const from of [0, 5]) copy(copier, events('t:0', from, 5))
    await copier.flush()
    expect(sent).toHaveLength(2)
    expect(reports).toEqual([
      'ClickHouse refuses copies: refused, says the store; detection goes on, rows of events are skipped',
    ])
    expect(copier.dropped.get('events')).toBe(5)
  })

  it('leaves out a row that cannot be encoded', async () => {
    const { store, sent } = recordingStore()
    const { copier, reports } = open(store)
    const circular: Record<string, unknown> = {}
    circular.self = circular
    const findings = [finding(), finding({ id: 'f-2', evidence: circular }), finding({ id: 'f-3' })]
    copier.found({ findings, runs: [] })
    await copier.flush()
    expect(Buffer.from(sent[0]?.bytes ?? [])).toEqual(
      encoded('findings', [finding(), finding({ id: 'f-3' })]),
    )
    expect(reports).toEqual([
      expect.stringContaining('a row of findings was skipped: it could not be encoded'),
    ])
    expect(copier.dropped.get('findings')).toBe(1)
  })

  it('without a disk skips events over its bound, keeps room for findings, and never blocks', async () => {
    let release = () => {}
    const stuck = new Promise<void>((resolve) => {
      release = resolve
    })
    const { store, sent } = recordingStore((count) => (count === 1 ? stuck : undefined))
    const { copier, reports } = open(store, { memoryBytes: 200_000 })
    for (let from = 0; from < 5000; from += 5) copy(copier, events('t:0', from, 5, 'x'.repeat(2000)))
    const skipped = copier.dropped.get('events') ?? 0
    expect(skipped).toBeGreaterThan(4800)
    copier.found({ findings: found(5), runs: [] })
    expect(copier.dropped.get('findings')).toBeUndefined()
    expect(reports).toHaveLength(1)
    expect(reports[0]).toContain('rows of events are skipped')
    release()
    await copier.flush()
    const rows = sent.filter(({ table }) => table === 'events').length * 5
    expect(rows).toBe(5000 - skipped)
    expect(sent.at(-1)?.table).toBe('findings')
    expect(reports.at(-1)).toContain(`${skipped} rows of events skipped since the start`)
  })

  it('bounds what waits for its checkpoint too, for texts are as long as an attacker likes', async () => {
    const { store } = recordingStore()
    const { copier } = open(store, { memoryBytes: 100_000, batchRows: 1000 })
    for (let partition = 0; partition < 100; partition++) {
      copier.events(events(`t:${partition}`, 0, 4, 'x'.repeat(2000)))
    }
    copier.captured()
    copier.committed([])
    // 400 rows of about 2.1 kB: what fits stays.
    expect(copier.dropped.get('events')).toBeGreaterThan(340)
    expect(copier.dropped.get('events')).toBeLessThan(400)
    await copier.flush()
  })

  it('stops when the store is away, and says what was lost', async () => {
    const { store } = recordingStore(() => 'unreachable')
    const { copier, reports } = open(store)
    copy(copier, events('t:0', 0, 7))
    await copier.flush(20)
    expect(reports.at(-1)).toBe('stopped with copies unsent: 7 rows of events skipped since the start')
    copy(copier, events('t:0', 7, 7))
    expect(copier.dropped.get('events')).toBe(7)
  })

  it('keeps nothing for a store that can never be there', async () => {
    const { store, sent } = recordingStore(() => 'missing')
    const { copier } = open(store)
    copy(copier, events('t:0', 0, 20))
    await setImmediate()
    copy(copier, events('t:0', 20, 20))
    await copier.flush()
    expect(sent).toHaveLength(1)
  })

  it('is told of decisions once they are durable, and of their end', async () => {
    const { store, sent } = recordingStore()
    const { copier } = open(store)
    const state = new MemoryStateStore()
    const clock = { now: () => at + 5000 }
    const copying = copyingStore(state, { copier, clock, decisions: [decision({ id: 'd-0' })] })
    await copying.commit({ decisions: [decision()], runs: [run()] })
    await copying.commit({ decisionsRemoved: ['d-0', 'd-1', 'd-unknown'] })
    await new MemoryStateStore(state.state).close()
    await expect(copying.commit({ decisions: [decision({ id: 'd-2' })] })).rejects.toThrow(/opened again/)
    await copier.flush()
    const decisions = sent.filter(({ table }) => table === 'decisions')
    expect(decisions.map(({ bytes }) => Buffer.from(bytes))).toEqual([
      encoded('decisions', [
        decision(),
        { ...decision({ id: 'd-0' }), removed: at + 5000 },
        { ...decision(), removed: at + 5000 },
      ]),
    ])
  })
})
