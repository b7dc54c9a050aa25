import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AnalyticsStore } from '../../core/ports/analytics-store.ts'
import { deduplicationWindow, migrations } from '../../storage/clickhouse/schema/migrations.ts'
import { tables } from '../../storage/clickhouse/schema/tables.ts'
import { describeHostile } from './analytics-store-hostile.ts'
import { describeMeasures } from './analytics-store-measures.ts'
import { eventRow, insertRows, lane } from './analytics-store-rows.ts'
import { describeLastState, describeReadBack, describeRepeats } from './analytics-store-tables.ts'

/** A store under test, with a way to look into its tables. */
export interface OpenedAnalyticsStore {
  readonly store: AnalyticsStore
  /** Runs SQL; `{db}` stands for the database. */
  rows(sql: string): Promise<Record<string, unknown>[]>
  /** kill -9 of the engine; only of a `killable` one. */
  readonly kill?: () => void
  close(): Promise<void>
}

export interface AnalyticsStoreCase {
  readonly name: string
  /** The engine is ours to kill, and is started again by itself. */
  readonly killable: boolean
  readonly open: () => Promise<OpenedAnalyticsStore>
}

/** What every analytics store does, embedded or server. Each case writes into a space of its own. */
export function runAnalyticsStoreContract({ name, killable, open }: AnalyticsStoreCase): void {
  describe(`analytics store contract: ${name}`, () => {
    let opened: OpenedAnalyticsStore
    beforeAll(async () => {
      opened = await open()
      await opened.store.prepare()
    })
    afterAll(() => opened?.close())

    describeReadBack(() => opened)
    describeLastState(() => opened)
    describeRepeats(() => opened)
    describeHostile(() => opened)
    describeMeasures(() => opened)

    describeSchema(() => opened)
    if (killable) describeKill(() => opened)
  })
}

function describeSchema(opened: () => OpenedAnalyticsStore): void {
  it('prepares twice', async () => {
    await opened().store.prepare()
    expect(
      await opened().rows('SELECT max(version) AS v, count() AS n FROM {db}.schema_versions FINAL'),
    ).toEqual([{ v: migrations.length, n: migrations.length }])
  })

  it('widens the memory for tokens of tables that are there, and forgets none', async () => {
    const batch = { token: 'before', rows: [eventRow(1)] }
    await opened().rows('ALTER TABLE {db}.events MODIFY SETTING non_replicated_deduplication_window = 10000')
    await insertRows(opened().store, 'events', { space: 'widened', lane }, batch)
    await opened().rows('TRUNCATE TABLE {db}.schema_versions')
    await opened().rows('INSERT INTO {db}.schema_versions (version) VALUES (1)')
    await opened().store.prepare()
    await insertRows(opened().store, 'events', { space: 'widened', lane }, batch)
    expect(await opened().rows("SELECT offset FROM {db}.events WHERE space = 'widened'")).toHaveLength(1)
    const sql = `SELECT name FROM system.tables WHERE database = '{db}' AND create_table_query
      LIKE '%non_replicated_deduplication_window = ${deduplicationWindow}%' ORDER BY name`
    expect((await opened().rows(sql)).map(({ name }) => name)).toEqual(Object.keys(tables).sort())
  })

  it('refuses a schema that a newer Picket wrote', async () => {
    const before = await opened().rows('SELECT max(version) AS v FROM {db}.schema_versions')
    await opened().rows('INSERT INTO {db}.schema_versions (version) VALUES (99)')
    await expect(opened().store.prepare()).rejects.toThrow(
      /schema version 99, written by a newer Picket.*upgrade/,
    )
    await opened().rows(
      'ALTER TABLE {db}.schema_versions DELETE WHERE version = 99 SETTINGS mutations_sync = 2',
    )
    expect(await opened().rows('SELECT max(version) AS v FROM {db}.schema_versions')).toEqual(before)
  })

  it('finishes a migration that was cut off before its version was noted', async () => {
    await insertRows(
      opened().store,
      'events',
      { space: 'cut-off', lane },
      { token: 't', rows: [eventRow(1)] },
    )
    await opened().rows('TRUNCATE TABLE {db}.schema_versions')
    await opened().store.prepare()
    const sum = 'SELECT max(version) AS v, count() AS n FROM {db}.schema_versions FINAL'
    expect(await opened().rows(sum)).toEqual([{ v: migrations.length, n: migrations.length }])
    const sql = "SELECT offset FROM {db}.events WHERE space = 'cut-off'"
    expect(await opened().rows(sql)).toHaveLength(1)
  })
}

function describeKill(opened: () => OpenedAnalyticsStore): void {
  it('keeps every batch once when the engine is killed amid inserts', async () => {
    const space = 'killed'
    const inserts: Promise<void>[] = []
    for (let token = 0; token < 40; token++) {
      const batch = { token: `${token}`, rows: [eventRow(token)] }
      inserts.push(insertRows(opened().store, 'events', { space, lane }, batch))
      if (token % 4 === 0) await Promise.all(inserts.slice(-4))
      if (token === 20) opened().kill?.()
    }
    await Promise.all(inserts)
    await insertRows(opened().store, 'events', { space, lane }, { token: '0', rows: [eventRow(0)] })
    const sql = `SELECT offset FROM {db}.events WHERE space = '${space}' ORDER BY offset`
    const offsets = (await opened().rows(sql)).map(({ offset }) => Number(offset))
    expect(offsets).toEqual(Array.from({ length: 40 }, (_, offset) => offset))
  })
}
