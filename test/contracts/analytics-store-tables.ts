import { expect, it } from 'vitest'
import { hourMs } from '../../core/baseline/hour-of-week.ts'
import { eventFieldNames, eventFields } from '../../core/event/event-fields.ts'
import type { AnalyticsStore, RowLookup } from '../../core/ports/analytics-store.ts'
import { eventColumn } from '../../storage/clickhouse/schema/events.ts'
import type { OpenedAnalyticsStore } from './analytics-store-contract.ts'
import {
  decision,
  eventRow,
  everyField,
  finding,
  insertRows,
  lane,
  monday9,
  pane,
  run,
} from './analytics-store-rows.ts'

export function describeReadBack(opened: () => OpenedAnalyticsStore): void {
  it('gives back events: canonical fields, absent ones as null or empty', async () => {
    const event = { status: 401, 'client.ip': '203.0.113.9', 'token.aud': ['a', 'b'], 'token.exp': monday9 }
    await insertRows(
      opened().store,
      'events',
      { space: 'back', lane },
      {
        token: 'e',
        rows: [eventRow(7, { ...event, ...{ password: 'x' } })],
      },
    )
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

  it('gives back every field of an event as it was', async () => {
    const rows = [eventRow(2 ** 53 - 1, everyField), eventRow(1, {})]
    await insertRows(opened().store, 'events', { space: 'whole', lane }, { token: 'w', rows })
    const columns = eventFieldNames.map((field) =>
      eventFields[field].type === 'instant'
        ? `toUnixTimestamp64Milli(${eventColumn(field)}) AS ${eventColumn(field)}`
        : eventColumn(field),
    )
    const sql = `SELECT toString(offset) AS offset, ${columns.join(', ')} FROM {db}.events WHERE space = 'whole'
      ORDER BY offset DESC`
    const [full, bare] = await opened().rows(sql)
    const asNumbers = (row: Record<string, unknown> = {}) =>
      Object.fromEntries(
        eventFieldNames.map((field) => {
          const value = row[eventColumn(field)]
          return [field, eventFields[field].type === 'instant' && value !== null ? Number(value) : value]
        }),
      )
    expect(full?.offset).toBe('9007199254740991')
    expect(asNumbers(full)).toEqual(everyField)
    const absent = { text: '', texts: [], number: null, instant: null, boolean: null }
    expect(asNumbers(bare)).toEqual(
      Object.fromEntries(
        eventFieldNames.map((field) => [
          field,
          field === 'time' ? monday9 + 1 : absent[eventFields[field].type],
        ]),
      ),
    )
  })

  it('gives back panes', async () => {
    await insertRows(
      opened().store,
      'panes',
      { space: 'back', lane },
      { token: 'p', rows: [pane({ flagged: true })] },
    )
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
}

export function describeLastState(opened: () => OpenedAnalyticsStore): void {
  it('gives back findings in their last state', async () => {
    const { store, rows } = opened()
    await insertRows(
      store,
      'findings',
      { space: 'back', lane },
      { token: 'f', rows: [finding({ state: 'provisional' })] },
    )
    await insertRows(store, 'findings', { space: 'back', lane }, { token: 'g', rows: [finding()] })
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

  it('tells of which ids rows were stored since a time', async () => {
    const ids = Array.from({ length: 120 }, (_, index) => `"f'${index}\\`)
    const place = { space: 'ids', lane }
    const store = opened().store as AnalyticsStore & RowLookup
    const rows = ids.slice(0, 110).map((id) => finding({ id }))
    await insertRows(store, 'findings', place, { token: 'ids', rows })
    const query = { table: 'findings', ...place, ids } as const
    const found = await store.storedIds({ ...query, since: Date.now() - 3_600_000 })
    expect([...found].sort()).toEqual(ids.slice(0, 110).sort())
    expect(await store.storedIds({ ...query, since: Date.now() + 3_600_000 })).toEqual([])
    expect(await store.storedIds({ ...query, space: 'other', since: 0 })).toEqual([])
  })

  it('gives back decisions and runs in their last state', async () => {
    const { store, rows } = opened()
    await insertRows(store, 'decisions', { space: 'back', lane }, { token: 'd', rows: [decision] })
    await insertRows(
      store,
      'decisions',
      { space: 'back', lane },
      {
        token: 'e',
        rows: [{ ...decision, removed: monday9 + 5 }],
      },
    )
    await insertRows(
      store,
      'runs',
      { space: 'back', lane },
      { token: 'r', rows: [run(), run({ state: 'done' })] },
    )
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

export function describeRepeats(opened: () => OpenedAnalyticsStore): void {
  const count = async (space: string) => {
    const [row] = await opened().rows(`SELECT count() AS n FROM {db}.events WHERE space = '${space}'`)
    return Number(row?.n)
  }

  it('keeps the rows of a token once, over several partitions, and other tokens beside it', async () => {
    const rows = [eventRow(1), eventRow(2, { time: monday9 + 48 * hourMs })]
    for (const token of ['a', 'a', 'b', 'a']) {
      await insertRows(opened().store, 'events', { space: 'once', lane }, { token, rows })
    }
    expect(await count('once')).toBe(4)
  })

  it('does not confuse the same token of two spaces', async () => {
    await insertRows(opened().store, 'events', { space: 'left', lane }, { token: 't', rows: [eventRow(1)] })
    await insertRows(opened().store, 'events', { space: 'right', lane }, { token: 't', rows: [eventRow(1)] })
    expect([await count('left'), await count('right')]).toEqual([1, 1])
  })

  it('takes an empty batch, and one that spans more than a hundred days', async () => {
    await insertRows(opened().store, 'events', { space: 'days', lane }, { token: 'none', rows: [] })
    const rows = Array.from({ length: 130 }, (_, day) => eventRow(day, { time: monday9 + day * 24 * hourMs }))
    await insertRows(opened().store, 'events', { space: 'days', lane }, { token: 't', rows })
    expect(await count('days')).toBe(130)
  })
}
