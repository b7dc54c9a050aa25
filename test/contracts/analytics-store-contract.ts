import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bucketFloor } from '../../core/baseline/bucket.ts'
import { hourMs, hourOfWeek } from '../../core/baseline/hour-of-week.ts'
import type { Decision } from '../../core/decision/decision.ts'
import type { Finding } from '../../core/detector/finding.ts'
import type { SealedPane } from '../../core/engine/sealed-pane.ts'
import type { Event } from '../../core/event/event.ts'
import type { AnalyticsStore } from '../../core/ports/analytics-store.ts'
import type { Run } from '../../core/response/run.ts'

/** A store under test, with a way to look into its tables. */
export interface OpenedAnalyticsStore {
  readonly store: AnalyticsStore
  /** Runs SQL; `{db}` stands for the database. */
  rows(sql: string): Promise<Record<string, unknown>[]>
  /** kill -9 of the engine, where the suite may do that. */
  readonly kill?: () => Promise<void>
  close(): Promise<void>
}

export interface AnalyticsStoreCase {
  readonly name: string
  readonly open: () => Promise<OpenedAnalyticsStore>
}

/** A Monday, 09:00 UTC. */
const monday9 = Date.UTC(2026, 0, 5, 9)
const lane = 'replay'

function finding(change: Partial<Finding> = {}): Finding {
  return {
    id: 'f1',
    space: 's',
    lane,
    detector: 'd',
    version: 1,
    entity: { kind: 'ip', id: '203.0.113.9' },
    period: monday9,
    state: 'final',
    severity: 'high',
    score: 0.9,
    first: monday9 + 1,
    last: monday9 + 2,
    evidence: { accounts: ['k1:a'] },
    manifest: 'm1:0',
    root: 'f0',
    continues: 'f0',
    ...change,
  }
}

function pane(change: Partial<SealedPane> = {}): SealedPane {
  return {
    detector: 'd',
    version: 1,
    entity: { kind: 'route', id: '/login' },
    start: monday9,
    paneMs: 15_000,
    measures: { failures: 3 },
    flagged: false,
    ...change,
  }
}

const decision: Decision = {
  id: 'd1',
  scope: 'principal',
  value: 'mallory',
  type: 'throttle',
  rate: { count: 5, perMs: 60_000 },
  from: monday9,
  until: monday9 + hourMs,
  reason: 'walks ids',
  by: 'playbook:p',
}

function run(change: Partial<Run> = {}): Run {
  return {
    id: 'r1',
    space: 's',
    lane,
    playbook: 'p',
    digest: 'x',
    mode: 'enforce',
    finding: finding(),
    state: 'pending',
    steps: [{ step: 'a', action: 'throttle', status: 'applied', at: monday9 }],
    started: monday9,
    ...change,
  }
}

function eventRow(offset: number, event: Partial<Event> = {}) {
  return {
    position: { source: 'src', partition: 't:0', offset },
    event: { time: monday9 + offset, ...event },
  }
}

/** What every analytics store does, embedded or server. Each case writes into a space of its own. */
export function runAnalyticsStoreContract({ name, open }: AnalyticsStoreCase): void {
  describe(`analytics store contract: ${name}`, () => {
    let opened: OpenedAnalyticsStore
    beforeAll(async () => {
      opened = await open()
      await opened.store.prepare()
    })
    afterAll(() => opened?.close())

    it('prepares twice', async () => {
      await opened.store.prepare()
      expect(
        await opened.rows('SELECT max(version) AS v, count() AS n FROM {db}.schema_versions FINAL'),
      ).toEqual([{ v: 1, n: 1 }])
    })

    describeReadBack(() => opened)
    describeRepeats(() => opened)
    describeHostile(() => opened)
    describeMeasures(() => opened)

    it('refuses a schema that a newer Picket wrote', async () => {
      const before = await opened.rows('SELECT max(version) AS v FROM {db}.schema_versions')
      await opened.rows('INSERT INTO {db}.schema_versions (version) VALUES (99)')
      await expect(opened.store.prepare()).rejects.toThrow(
        /schema version 99, written by a newer Picket.*upgrade/,
      )
      await opened.rows(
        'ALTER TABLE {db}.schema_versions DELETE WHERE version = 99 SETTINGS mutations_sync = 2',
      )
      expect(await opened.rows('SELECT max(version) AS v FROM {db}.schema_versions')).toEqual(before)
    })

    it('keeps every batch once when the engine is killed amid inserts', async () => {
      if (!opened.kill) return
      const space = 'killed'
      const inserts: Promise<void>[] = []
      for (let token = 0; token < 40; token++) {
        const batch = { token: `${token}`, rows: [eventRow(token)] }
        inserts.push(opened.store.insert('events', space, lane, batch))
        if (token % 4 === 0) await Promise.all(inserts.slice(-4))
        if (token === 20) await opened.kill()
      }
      await Promise.all(inserts)
      await opened.store.insert('events', space, lane, { token: '0', rows: [eventRow(0)] })
      const sql = `SELECT offset FROM {db}.events WHERE space = '${space}' ORDER BY offset`
      const offsets = (await opened.rows(sql)).map(({ offset }) => Number(offset))
      expect(offsets).toEqual(Array.from({ length: 40 }, (_, offset) => offset))
    })
  })
}

function describeReadBack(opened: () => OpenedAnalyticsStore): void {
  it('gives back events: canonical fields, absent ones as null or empty', async () => {
    const event = { status: 401, 'client.ip': '203.0.113.9', 'token.aud': ['a', 'b'], 'token.exp': monday9 }
    await opened().store.insert('events', 'back', lane, {
      token: 'e',
      rows: [eventRow(7, { ...event, ...{ password: 'x' } })],
    })
    const sql = `SELECT lane, source, partition, toUInt32(offset) AS offset, toUnixTimestamp64Milli(time) AS time,
      status, client_ip, token_aud, toUnixTimestamp64Milli(token_exp) AS exp, latency_ms, path
      FROM {db}.events WHERE space = 'back'`
    const [row, ...more] = await opened().rows(sql)
    expect(more).toEqual([])
    expect({ ...row, time: Number(row?.time), exp: Number(row?.exp) }).toEqual({
      lane,
      source: 'src',
      partition: 't:0',
      offset: 7,
      time: monday9 + 7,
      status: 401,
      client_ip: '203.0.113.9',
      token_aud: ['a', 'b'],
      exp: monday9,
      latency_ms: null,
      path: '',
    })
  })

  it('gives back panes', async () => {
    await opened().store.insert('panes', 'back', lane, { token: 'p', rows: [pane({ flagged: true })] })
    const sql = `SELECT detector, version, entity, pane_ms, measures, flagged FROM {db}.panes WHERE space = 'back'`
    expect(await opened().rows(sql)).toEqual([
      {
        detector: 'd',
        version: 1,
        entity: 'route:/login',
        pane_ms: 15_000,
        measures: { failures: 3 },
        flagged: 1,
      },
    ])
  })

  it('gives back findings in their last state', async () => {
    const { store, rows } = opened()
    await store.insert('findings', 'back', lane, { token: 'f', rows: [finding({ state: 'provisional' })] })
    await store.insert('findings', 'back', lane, { token: 'g', rows: [finding()] })
    const sql = `SELECT id, entity_kind, entity_id, state, score, evidence, continues, root
      FROM {db}.findings FINAL WHERE space = 'back'`
    expect(await rows(sql)).toEqual([
      {
        id: 'f1',
        entity_kind: 'ip',
        entity_id: '203.0.113.9',
        state: 'final',
        score: 0.9,
        evidence: '{"accounts":["k1:a"]}',
        continues: 'f0',
        root: 'f0',
      },
    ])
  })

  it('gives back decisions and runs in their last state', async () => {
    const { store, rows } = opened()
    await store.insert('decisions', 'back', lane, { token: 'd', rows: [decision] })
    await store.insert('decisions', 'back', lane, {
      token: 'e',
      rows: [{ ...decision, removed: monday9 + 5 }],
    })
    await store.insert('runs', 'back', lane, { token: 'r', rows: [run(), run({ state: 'done' })] })
    const decisions = `SELECT id, scope, value, rate, removed > valid_from AS removed FROM {db}.decisions FINAL
      WHERE space = 'back'`
    expect(await rows(decisions)).toEqual([
      { id: 'd1', scope: 'principal', value: 'mallory', rate: '{"count":5,"perMs":60000}', removed: 1 },
    ])
    expect(
      await rows(`SELECT id, state, finding, root, steps FROM {db}.runs FINAL WHERE space = 'back'`),
    ).toEqual([{ id: 'r1', state: 'done', finding: 'f1', root: 'f0', steps: JSON.stringify(run().steps) }])
  })
}

function describeRepeats(opened: () => OpenedAnalyticsStore): void {
  const count = async (space: string) => {
    const [row] = await opened().rows(`SELECT count() AS n FROM {db}.events WHERE space = '${space}'`)
    return Number(row?.n)
  }

  it('keeps the rows of a token once, over several partitions, and other tokens beside it', async () => {
    const rows = [eventRow(1), eventRow(2, { time: monday9 + 48 * hourMs })]
    for (const token of ['a', 'a', 'b', 'a']) {
      await opened().store.insert('events', 'once', lane, { token, rows })
    }
    expect(await count('once')).toBe(4)
  })

  it('does not confuse the same token of two spaces', async () => {
    await opened().store.insert('events', 'left', lane, { token: 't', rows: [eventRow(1)] })
    await opened().store.insert('events', 'right', lane, { token: 't', rows: [eventRow(1)] })
    expect([await count('left'), await count('right')]).toEqual([1, 1])
  })

  it('takes an empty batch, and one that spans more than a hundred days', async () => {
    await opened().store.insert('events', 'days', lane, { token: 'none', rows: [] })
    const rows = Array.from({ length: 130 }, (_, day) => eventRow(day, { time: monday9 + day * 24 * hourMs }))
    await opened().store.insert('events', 'days', lane, { token: 't', rows })
    expect(await count('days')).toBe(130)
  })
}

function describeHostile(opened: () => OpenedAnalyticsStore): void {
  const hostile = [
    `'; DROP TABLE events; --`,
    '"\\\'`{x:String}',
    'a\u0000b',
    'line\nbreak\r\ttab\u2028',
    '\u001b[31mred',
    '😀 \u202egpj',
    '__proto__',
    '\\N',
    '',
  ]

  it('gives hostile text back as it was', async () => {
    const rows = hostile.map((path, offset) => eventRow(offset, { path, 'client.user_agent': path }))
    await opened().store.insert('events', 'hostile', lane, { token: `'\n\\\u0000😀`, rows })
    const found = await opened().rows(
      `SELECT path, client_user_agent AS agent FROM {db}.events WHERE space = 'hostile' ORDER BY offset`,
    )
    expect(found).toEqual(hostile.map((text) => ({ path: text, agent: text })))
  })

  it('takes hostile space, lane and entity', async () => {
    const [space = '', entity = ''] = hostile
    const rows = [pane({ entity: { kind: 'route', id: entity }, measures: { ['__proto__']: 1, ratio: 0.5 } })]
    await opened().store.insert('panes', space, entity, { token: 't', rows })
    const query = { space, lane: entity, from: monday9, to: monday9 + 1 }
    expect((await opened().store.measureBuckets({ ...query, lane: 'live' })).length).toBe(0)
    expect((await opened().store.measureBuckets({ ...query, space: entity })).length).toBe(0)
    const found = await opened().store.measureBuckets({ ...query, space, lane: entity })
    expect(found.map(({ measure, entity, value }) => [measure, entity, value])).toContainEqual([
      'ratio',
      `route:${hostile[1]}`,
      0.5,
    ])
  })

  it('cuts a megabyte of text, and mends lone surrogates, numbers and instants that no column holds', async () => {
    const rows = [
      eventRow(1, {
        path: 'x'.repeat(1_000_000),
        host: 'a\ud800b',
        status: Number.NaN,
        bytes_in: Number.POSITIVE_INFINITY,
        'token.exp': 9e15,
      }),
      eventRow(2, { time: -5e14 }),
      eventRow(3, { time: 9e15 }),
    ]
    await opened().store.insert('events', 'cut', lane, { token: 't', rows })
    const evidence = { text: 'y'.repeat(1_000_000) }
    await opened().store.insert('findings', 'cut', lane, { token: 't', rows: [finding({ evidence })] })
    const sql = `SELECT length(path) AS path, host, status, bytes_in, token_exp, toYear(time) AS year
      FROM {db}.events WHERE space = 'cut' ORDER BY offset`
    const empty = { path: 0, host: '', status: null, bytes_in: null, token_exp: null }
    const found = (await opened().rows(sql)).map((row) => ({ ...row, path: Number(row.path) }))
    expect(found).toEqual([
      { ...empty, path: 8192, host: 'a\ufffdb', year: 2026 },
      { ...empty, year: 1970 },
      { ...empty, year: 2100 },
    ])
    expect(await opened().rows(`SELECT evidence FROM {db}.findings WHERE space = 'cut'`)).toEqual([
      { evidence: '{"omitted_length":1000011}' },
    ])
  })
}

function describeMeasures(opened: () => OpenedAnalyticsStore): void {
  const query = { space: 'measure', lane, from: monday9, to: monday9 + 2 * hourMs }

  it('sums measures by entity, hour of week and bucket, without flagged panes', async () => {
    const at = (minutes: number, change: Partial<SealedPane>) =>
      pane({ start: monday9 + minutes * 60_000, ...change })
    const repeated = at(3, { measures: { failures: 4 } })
    const batches = [
      [at(0, {}), at(1, {}), repeated],
      [
        at(2, { measures: { failures: 900, ratio: 0.37 } }),
        at(4, { measures: { failures: 5 }, flagged: true }),
      ],
      [
        repeated,
        at(61, {}),
        at(0, { entity: { kind: 'route', id: '/a' }, measures: { failures: Number.NaN } }),
      ],
      [at(-1, {}), at(120, {}), at(5, { version: 2 })],
    ]
    for (const [token, rows] of batches.entries()) {
      await opened().store.insert('panes', 'measure', lane, { token: `${token}`, rows })
    }
    await opened().store.insert('panes', 'measure', 'live', { token: 'l', rows: [at(0, {})] })
    const found = await opened().store.measureBuckets(query)
    expect(found.map((one) => Object.values(one))).toEqual([
      ['d', 1, 'failures', 'route:/login', 9, 3, 2],
      ['d', 1, 'failures', 'route:/login', 9, 4, 1],
      ['d', 1, 'failures', 'route:/login', 9, 896, 1],
      ['d', 1, 'failures', 'route:/login', 10, 3, 1],
      ['d', 1, 'ratio', 'route:/login', 9, bucketFloor(0.37), 1],
      ['d', 2, 'failures', 'route:/login', 9, 3, 1],
    ])
  })

  it('leaves out a pane that was flagged when it came again', async () => {
    const space = 'reflagged'
    const two = [pane({ flagged: true }), pane()]
    for (const [token, one] of two.entries()) {
      await opened().store.insert('panes', space, lane, { token: `${token}`, rows: [one] })
    }
    expect(await opened().store.measureBuckets({ ...query, space })).toEqual([])
  })

  it('buckets and hours are those of core, to the last bit', async () => {
    const space = 'agreement'
    const values = [
      -0,
      0,
      1e-9,
      2 ** -20,
      0.1,
      1 / 3,
      0.999,
      1,
      127,
      128,
      129,
      1e6,
      2 ** 53,
      1e300,
      -0.7,
      -1e300,
    ]
    for (let value = 1e-7; value < 1e17; value *= 1.37) values.push(value)
    const rows = values.map((value, index) =>
      pane({ start: monday9 + index * 5 * hourMs, measures: { value } }),
    )
    await opened().store.insert('panes', space, lane, { token: 't', rows })
    const found = await opened().store.measureBuckets({ ...query, space, to: monday9 + 9e11 })
    const keys = found.flatMap((one) =>
      Array.from({ length: one.count }, () => `${one.hourOfWeek} ${one.value}`),
    )
    const wanted = rows.map((one) => `${hourOfWeek(one.start)} ${bucketFloor(one.measures.value ?? 0)}`)
    expect(keys.sort()).toEqual(wanted.sort())
  })
}
