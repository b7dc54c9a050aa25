import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { Event } from '../../core/event/event.ts'
import { judgeEvents } from '../../test/engine/judge-events.ts'
import { seededRandom } from '../../test/scenarios/random.ts'
import { listReader, walk } from '../../test/scenarios/sequential-enumeration.ts'
import { config } from './config.ts'
import { sequentialEnumeration } from './sequential-enumeration.ts'

const start = Date.UTC(2031, 4, 7, 10)
const minute = 60_000
const mallory = {
  seed: 1,
  start,
  durationMs: 8 * minute,
  principal: 'mallory',
  ip: '203.0.113.9',
  refusedShare: 0,
  missedShare: 0,
}
const troubled = { ...mallory, refusedShare: 0.4, missedShare: 0.2 }

function ids(count: number, from = 5000, stride = 1): string[] {
  return Array.from({ length: count }, (_, index) => String(from + index * stride))
}

function found(events: readonly Event[], overrides: Record<string, unknown> = {}): string[] {
  const sorted = [...events].sort((left, right) => left.time - right.time)
  const { finals } = judgeEvents(sequentialEnumeration, sorted, { config: overrides })
  return [...new Set(finals.map(({ entity, severity }) => `${entity.kind}:${entity.id} ${severity}`))]
}

/** The same requests with other fields; `undefined` takes a field away. */
function like(events: readonly Event[], fields: Partial<Event>): Event[] {
  return events.map((event) => ({ ...event, ...fields }))
}

const anonymous = { 'principal.id': undefined }

it('has the defaults that default.yaml shows', () => {
  const shown = parse(readFileSync(join(import.meta.dirname, 'default.yaml'), 'utf8')) as unknown
  expect(config.parse({})).toEqual(shown)
})

describe('thresholds', () => {
  it.each([
    ['refused, 30 ids', walk({ ...troubled, ids: ids(30) }), ['principal:mallory critical']],
    ['refused, 29 ids', walk({ ...troubled, ids: ids(29) }), []],
    ['served, 80 ids', walk({ ...mallory, ids: ids(80) }), ['principal:mallory high']],
    ['served, 79 ids', walk({ ...mallory, ids: ids(79) }), []],
    [
      'served, 150 ids by an address',
      like(walk({ ...mallory, ids: ids(150) }), anonymous),
      ['ip:203.0.113.9 medium'],
    ],
    ['served, 149 ids by an address', like(walk({ ...mallory, ids: ids(149) }), anonymous), []],
    [
      'a tenth missing, 70 ids: in between',
      walk({ ...mallory, ids: ids(70) }).map((event, index) =>
        index % 10 === 0 ? { ...event, status: 404 } : event,
      ),
      ['principal:mallory high'],
    ],
    [
      '239 of an hour, all served',
      walk({ ...mallory, durationMs: 60 * minute, ids: ids(239) }),
      ['principal:mallory high'],
    ],
    ['190 of an hour, all served', walk({ ...mallory, durationMs: 60 * minute, ids: ids(190) }), []],
  ])('%s', (_name, events, expected) => {
    expect(found(events)).toEqual(expected)
  })
})

describe('whom it blames', () => {
  const events = walk({ ...troubled, ids: ids(60) })
  it.each([
    [
      'the principal, over many addresses',
      events.map((event, index) => ({ ...event, 'client.ip': `203.0.113.${index + 1}` })),
      ['principal:mallory critical'],
    ],
    ['the key', like(events, { ...anonymous, 'key.id': 'k-1' }), ['key:k-1 critical']],
    ['the OAuth client', like(events, { ...anonymous, 'client.id': 'c-1' }), ['client:c-1 critical']],
    ['the address when every answer is 401', like(events, { status: 401 }), ['ip:203.0.113.9 critical']],
    [
      'nobody behind a service that sees only its gateway',
      like(events, { ...anonymous, vantage: 'service' }),
      [],
    ],
    ['nobody on the allowlist', events, []],
  ] as const)('%s', (name, list, expected) => {
    const overrides = name.includes('allowlist') ? { allow: { principals: ['mallory'] } } : {}
    expect(found(list, overrides)).toEqual(expected)
  })

  it('once for a request that edge and service saw', () => {
    const seen = walk({ ...mallory, ids: ids(150) })
    expect(found([...seen, ...like(seen, { vantage: 'service', 'client.ip': '10.0.0.1' })])).toEqual([
      'principal:mallory high',
    ])
  })
})

describe('what counts as trouble', () => {
  const events = walk({ ...mallory, ids: ids(40) })
  it.each([
    ['objects of another tenant, served', { 'principal.tenant': 'a', 'object.tenant': 'b' }, 1],
    ['objects of the own tenant, refused', { 'principal.tenant': 'a', 'object.tenant': 'a', status: 403 }, 1],
    [
      'decisions of a policy, without status',
      { kind: 'policy', status: undefined, 'policy.decision': 'deny' },
      1,
    ],
    ['404 and 410', { status: 410 }, 1],
    ['server errors: no', { status: 503 }, 0],
    ['webhook deliveries: no', { kind: 'webhook', status: 404 }, 0],
    ['images: no', { route: '/photos/{id}.jpg', status: 404 }, 0],
    ['pages: no', { 'object.type': 'page', status: 404 }, 0],
    ['cursors: no', { route: '/orders?after_id={id}', status: 404 }, 0],
    ['routes that anybody may walk: no', { route: '/public/{id}', status: 404 }, 0],
  ] as const)('%s', (_name, fields, count) => {
    expect(found(like(events, fields), { allow: { routes: ['/public/{id}'] } })).toHaveLength(count)
  })
})

describe('walks that hide', () => {
  const innocent = (count: number) =>
    walk({
      ...mallory,
      seed: 7,
      ids: Array.from({ length: count }, (_, index) => String(seededRandom(300 + index).int(1, 400_000))),
    })
  it.each([
    ['among 3,000 honest ids of the route', [...walk({ ...troubled, ids: ids(120) }), ...innocent(3000)]],
    [
      'over four routes',
      ['a', 'b', 'c', 'd'].flatMap((type, index) => walk({ ...troubled, seed: index, type, ids: ids(20) })),
    ],
    [
      'at a stride among noise',
      [
        ...walk({ ...troubled, ids: ids(80, 5000, 10) }),
        ...walk({
          ...mallory,
          seed: 3,
          ids: Array.from({ length: 80 }, (_, index) => String(seededRandom(index).int(4800, 6000))),
        }),
      ],
    ],
    [
      'in the parent of an object',
      ids(60).map(
        (id, index): Event => ({
          time: start + index * 5000,
          route: '/users/{id}/cards/{id}',
          path: `/users/${id}/cards/1`,
          'object.id': '1',
          status: 403,
          'principal.id': 'mallory',
        }),
      ),
    ],
    [
      'behind a word',
      ids(60).map(
        (id, index): Event => ({
          time: start + index * 5000,
          route: `/users/user${id}`,
          path: `/users/user${id}`,
          status: 404,
          'principal.id': 'mallory',
        }),
      ),
    ],
    [
      'far above 2^53',
      walk({
        ...troubled,
        ids: Array.from({ length: 60 }, (_, index) => String(1541815603606036480n + BigInt(index) * 4096n)),
      }),
    ],
  ])('%s', (_name, events) => {
    expect(found(events).map((line) => line.split(' ')[0])).toEqual(['principal:mallory'])
  })
})

describe('look-alikes', () => {
  it('a reader of lists is excused, one that lists once is not', () => {
    const reader = { ...mallory, principal: 'reporting' }
    const read = listReader(9, 60, reader)
    expect(found(read)).toEqual([])
    expect(
      found(read.filter((event) => event['object.id'] !== undefined || event.time === start)),
    ).toHaveLength(1)
  })

  it('own objects are excused, though every tenth was deleted', () => {
    const own = { 'principal.tenant': 'acme', 'object.tenant': 'acme' }
    const events = like(walk({ ...mallory, ids: ids(400) }), own).map((event, index) =>
      index % 10 === 0 ? { ...event, status: 404, 'object.tenant': undefined } : event,
    )
    expect(found(events)).toEqual([])
    expect(found(like(events, { 'object.tenant': undefined }))).toHaveLength(1)
  })

  it('an old slow walk is not found again by an honest request', () => {
    const events = walk({ ...troubled, durationMs: 60 * minute, ids: ids(70) })
    const later = walk({ ...mallory, start: start + 300 * minute, ids: ['90', '700000'] })
    const { finals } = judgeEvents(sequentialEnumeration, [...events, ...later])
    expect(finals.length).toBeGreaterThan(0)
    for (const finding of finals) expect(finding.last).toBeLessThan(start + 61 * minute)
  })
})
