import { z } from 'zod'
import { counter } from '../../core/aggregates/counter.ts'
import { table } from '../../core/aggregates/table.ts'
import { defineDetector } from '../../core/detector/detector.ts'
import { callerOf, callerReads } from '../../core/entity/caller.ts'
import { config } from './config.ts'
import { judgeWalks } from './judge-walks.ts'

/** Columns of a touched id: instants are event times; the others count answers. */
export const idColumns = {
  ok: 'sum',
  refused: 'sum',
  missed: 'sum',
  own: 'sum',
  first: 'min',
  last: 'max',
} as const

const evidence = z.strictObject({
  route: z.string(),
  pace: z.enum(['fast', 'slow']),
  ids: z.number().int(),
  lowest: z.string(),
  highest: z.string(),
  stride: z.string(),
  density: z.number(),
  run_length: z.number().int(),
  refused: z.number().int(),
  missed: z.number().int(),
  per_minute: z.number(),
  sampled: z.boolean(),
})
export type Evidence = z.output<typeof evidence>

const successes = new Set([2, 3])

export const sequentialEnumeration = defineDetector({
  id: 'sequential-enumeration',
  version: 1,
  summary: 'One caller walks the object ids of a route in order.',
  threats: ['OWASP-API1:2023', 'CWE-639', 'MITRE-T1119'],
  config,
  // Edge and service may both see a request; ids are a set, so seeing one twice changes nothing.
  vantage: 'any',
  reads: [...callerReads, 'kind', 'route', 'object.type', 'object.id', 'object.tenant', 'principal.tenant'],
  window: ({ window, retention }) => ({ size: window, pane: '15s', memory: { pane: '1h', retention } }),
  pane: { ids: table(2048, idColumns), requests: counter() },
  memory: { longIds: table(2048, idColumns) },
  observe(event, emit, { allow, paging_types }) {
    const id = event['object.id']
    if (id === undefined || paging_types.includes(event['object.type'] ?? '')) return
    const caller = callerOf(event)
    if (!caller) return
    const allowed = { principal: allow.principals, key: allow.keys, client: allow.clients, ip: allow.ips }
    if (allowed[caller.kind as keyof typeof allowed].includes(caller.id)) return
    const cells = emit(caller.kind, caller.id)
    if (!cells) return
    const status = event.status ?? 200
    const tenant = event['object.tenant']
    const row = {
      ok: successes.has(Math.floor(status / 100)) ? 1 : 0,
      refused: status === 401 || status === 403 ? 1 : 0,
      missed: status === 404 || status === 410 ? 1 : 0,
      own: tenant !== undefined && tenant === event['principal.tenant'] ? 1 : 0,
      first: event.time,
      last: event.time,
    }
    const key = `${event.route ?? event['object.type'] ?? ''}\u0000${id}`
    cells.ids.add(key, row)
    cells.longIds.add(key, row)
    cells.requests.add()
  },
  judge: (window, context) => judgeWalks(window.total.ids, window.memory.longIds, context.config),
  evidence,
})
