import { expect, it } from 'vitest'
import type { OpenedAnalyticsStore } from './analytics-store-contract.ts'
import { eventRow, finding, insertRows, lane, monday9, pane } from './analytics-store-rows.ts'

export function describeHostile(opened: () => OpenedAnalyticsStore): void {
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
    await insertRows(opened().store, 'events', { space: 'hostile', lane }, { token: `'\n\\\u0000😀`, rows })
    const found = await opened().rows(
      `SELECT path, client_user_agent AS agent FROM {db}.events WHERE space = 'hostile' ORDER BY offset`,
    )
    expect(found).toEqual(hostile.map((text) => ({ path: text, agent: text })))
  })

  it('refuses a batch that is cut off or of other types, whole, and goes on', async () => {
    const { store } = opened()
    const cut: Pick<typeof store, 'insert'> = {
      insert: (batch) => store.insert({ ...batch, bytes: batch.bytes.subarray(0, batch.bytes.length - 1) }),
    }
    const rows = [eventRow(1), eventRow(2)]
    const place = { space: 'cut-batch', lane }
    await expect(insertRows(cut, 'events', place, { token: 'c', rows })).rejects.toMatchObject({
      problem: 'refused',
    })
    const foreign: Pick<typeof store, 'insert'> = {
      insert: (batch) => store.insert({ ...batch, table: 'panes' }),
    }
    await expect(insertRows(foreign, 'events', place, { token: 'f', rows })).rejects.toMatchObject({
      problem: 'refused',
    })
    await insertRows(store, 'events', place, { token: 'c', rows })
    expect(await opened().rows(`SELECT offset FROM {db}.events WHERE space = 'cut-batch'`)).toHaveLength(2)
  })

  it('takes hostile space, lane and entity', async () => {
    const [space = '', entity = ''] = hostile
    const rows = [pane({ entity: { kind: 'route', id: entity }, measures: { ['__proto__']: 1, ratio: 0.5 } })]
    await insertRows(opened().store, 'panes', { space, lane: entity }, { token: 't', rows })
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
    await insertRows(opened().store, 'events', { space: 'cut', lane }, { token: 't', rows })
    const evidence = { text: 'y'.repeat(1_000_000) }
    await insertRows(
      opened().store,
      'findings',
      { space: 'cut', lane },
      { token: 't', rows: [finding({ evidence })] },
    )
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
