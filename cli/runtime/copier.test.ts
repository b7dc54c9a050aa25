import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { AnalyticsBatch, AnalyticsStore, AnalyticsTables } from '../../core/ports/analytics-store.ts'
import { AnalyticsError, type AnalyticsProblem } from '../../storage/clickhouse/analytics-error.ts'
import { MemoryStateStore } from '../../storage/memory/memory-state-store.ts'
import type { Located, PartitionLane } from '../pipeline/partition-lane.ts'
import { at, decision, finding, run } from '../testing/state-records.ts'
import { Copier, type CopierBounds } from './copier.ts'
import { copyingStore } from './copying-store.ts'

interface Sent {
  readonly table: string
  readonly token: string
  readonly rows: readonly unknown[]
}

/** Remembers what it is given, and does what `answer` says to each insert. */
function recordingStore(
  answer: (count: number) => AnalyticsProblem | Promise<void> | undefined = () => undefined,
) {
  const sent: Sent[] = []
  let prepared = 0
  const store: Pick<AnalyticsStore, 'prepare' | 'insert'> = {
    async prepare() {
      prepared++
    },
    async insert<T extends keyof AnalyticsTables>(
      table: T,
      _space: string,
      _lane: string,
      { token, rows }: AnalyticsBatch<AnalyticsTables[T]>,
    ) {
      sent.push({ table, token, rows: [...rows] })
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
    space: 'default',
    lane: 'live',
    report: (text) => reports.push(text),
    bounds: { batchMs: 20, batchRows: 5, ...bounds },
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

const output = (count: number) => ({
  findings: Array.from({ length: count }, (_, index) => finding({ id: `f-${index}` })),
  panes: [],
  late: 0,
  decisionHits: new Map<string, number>(),
})
const offsets = (rows: readonly unknown[]) =>
  rows.map((row) => (row as AnalyticsTables['events']).position.offset)

describe('the copier', () => {
  it('sends full batches at once and the rest after a while, in order, each position once', async () => {
    const { store, sent, prepared } = recordingStore()
    const { copier } = open(store)
    copier.events(events('t:0', 0, 12))
    await sleep(5)
    expect(sent.map(({ rows }) => offsets(rows))).toEqual([
      [0, 1, 2, 3, 4],
      [5, 6, 7, 8, 9],
    ])
    await sleep(60)
    expect(sent[2]?.rows).toHaveLength(2)
    expect(sent.map(({ token }) => token)).toEqual([
      'events:default:live:gateway\u0000t:0:0-4',
      'events:default:live:gateway\u0000t:0:5-9',
      'events:default:live:gateway\u0000t:0:10-11',
    ])
    expect(prepared()).toBe(1)
    await copier.flush()
  })

  it('cuts by partition and table, and never gives two batches one token', async () => {
    const { store, sent } = recordingStore()
    const { copier } = open(store)
    copier.events([...events('t:0', 0, 3), ...events('t:1', 0, 3)])
    copier.committed({ output: output(7), runs: [run()] })
    copier.responded({ runs: [run()], decisions: [decision()] })
    await copier.flush()
    expect(sent.map(({ table, rows }) => [table, rows.length])).toEqual([
      ['findings', 5],
      ['events', 3],
      ['events', 3],
      ['findings', 2],
      ['runs', 2],
      ['decisions', 1],
    ])
    const second = recordingStore()
    const other = open(second.store).copier
    other.committed({ output: output(7), runs: [run()] })
    await other.flush()
    const tokens = [...sent, ...second.sent].map(({ token }) => token)
    expect(new Set(tokens).size).toBe(tokens.length)
  })

  it('repeats what may pass with the same token, and keeps the order', async () => {
    const { store, sent } = recordingStore((count) => (count === 1 ? 'unreachable' : undefined))
    const { copier, reports } = open(store)
    copier.events(events('t:0', 0, 10))
    await sleep(5)
    await copier.flush()
    expect(sent.map(({ token }) => token.slice(-3))).toEqual(['0-4', '0-4', '5-9'])
    expect(sent[1]).toEqual(sent[0])
    expect(reports).toEqual([
      'copies for analysis wait in memory: unreachable, says the store',
      'copies for analysis go on',
    ])
    expect(copier.dropped.size).toBe(0)
  })

  it('drops what was refused, says so, and goes on', async () => {
    const { store, sent } = recordingStore((count) => (count === 1 ? 'refused' : undefined))
    const { copier, reports } = open(store)
    copier.events(events('t:0', 0, 10))
    await copier.flush()
    expect(sent).toHaveLength(2)
    expect(reports).toEqual([
      '5 rows of events (gateway t:0 0–4) were refused and dropped: refused, says the store',
    ])
    expect(copier.dropped.get('events')).toBe(5)
  })

  it('waits for a slow store within its bound, drops the oldest events first, and never blocks', async () => {
    let release = () => {}
    const stuck = new Promise<void>((resolve) => {
      release = resolve
    })
    const { store, sent } = recordingStore((count) => (count === 1 ? stuck : undefined))
    const { copier, reports } = open(store, { rowsMax: 20 })
    copier.events(events('t:0', 0, 5))
    await sleep(5)
    copier.committed({ output: output(5), runs: [] })
    for (let from = 5; from < 50_000; from += 5) copier.events(events('t:0', from, 5))
    expect(copier.dropped.get('events')).toBe(50_000 - 5 - 10)
    expect(copier.dropped.get('findings')).toBeUndefined()
    expect(reports).toHaveLength(1)
    expect(reports[0]).toContain('dropped events of gateway t:0 5–9')
    release()
    await copier.flush()
    expect(sent.map(({ table, rows }) => (table === 'events' ? offsets(rows)[0] : table))).toEqual([
      0,
      'findings',
      49_990,
      49_995,
    ])
  })

  it('bounds bytes too, for texts are as long as an attacker likes, and rows of many partitions', async () => {
    const never = new Promise<void>(() => {})
    const { store } = recordingStore(() => never)
    const { copier } = open(store, { rowsMax: 1000, bytesMax: 100_000, batchMs: 60_000 })
    for (let partition = 0; partition < 100; partition++) {
      copier.events(events(`t:${partition}`, 0, 4, 'x'.repeat(2000)))
    }
    // 400 rows of about 2.5 kB; what fits stays, the rest is gone.
    expect(copier.dropped.get('events')).toBeGreaterThan(350)
    expect(copier.dropped.get('events')).toBeLessThan(400)
    await copier.flush(10)
  })

  it('stops within the bound when the store is away, and says what was lost', async () => {
    const { store } = recordingStore(() => 'unreachable')
    const { copier, reports } = open(store)
    copier.events(events('t:0', 0, 7))
    const started = performance.now()
    await copier.flush(150)
    expect(performance.now() - started).toBeLessThan(1000)
    expect(reports.at(-1)).toBe('stopped with copies unsent: 7 rows of events dropped')
    copier.events(events('t:0', 7, 7))
    expect(copier.dropped.get('events')).toBe(7)
  })

  it('keeps nothing for a store that can never be there', async () => {
    const { store, sent } = recordingStore(() => 'missing')
    const { copier } = open(store)
    copier.events(events('t:0', 0, 20))
    await sleep(10)
    copier.events(events('t:0', 20, 20))
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
    const rows = sent.filter(({ table }) => table === 'decisions').flatMap((one) => one.rows)
    expect(rows).toEqual([
      decision(),
      { ...decision({ id: 'd-0' }), removed: at + 5000 },
      { ...decision(), removed: at + 5000 },
    ])
  })
})
