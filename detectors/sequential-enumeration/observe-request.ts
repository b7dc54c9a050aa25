import type { Emit, Emitted } from '../../core/detector/detector.ts'
import { perConfig } from '../../core/detector/per-config.ts'
import { callerOf, callerReads } from '../../core/entity/caller.ts'
import type { Entity } from '../../core/entity/entity.ts'
import { memoise } from '../../core/entity/memoise.ts'
import type { EventView } from '../../core/event/event.ts'
import { answerBits, idKey, type memory, type pane, troubleBits } from './cells.ts'
import type { Config } from './config.ts'
import { type TouchedObject, touchedObject } from './touched-object.ts'

export const reads = [
  ...callerReads,
  'kind',
  'method',
  'route',
  'path',
  'object.type',
  'object.id',
  'object.tenant',
  'principal.tenant',
  'client.user_agent',
  'policy.decision',
] as const
type Request = EventView<(typeof reads)[number]>

/** A query parameter that says where a page of a list starts. */
const cursor =
  /\?(?:after|before|cursor|end|ending_before|from|last|max|min|next|offset|page|prev|previous|since|start|starting_after|to|until)(?:_id|-id|Id)=\{id\}$/
const suffix = /\{id\}\.(\w+)$/
const isRobot = memoise((agent) => /bot\b|crawler|spider|slurp|facebookexternalhit/i.test(agent))
const denied = /^(?:deny|denied|forbid|forbidden|reject|block)/i

/** Adds a request to its caller: an id touched, or a list asked for. */
export function observeRequest(event: Request, emit: Emit<typeof pane, typeof memory>, config: Config): void {
  if (!asksForObjects(event.kind)) return
  const object = touchedObject(event, config.ordinal_types)
  if (object ? !isObject(event, object, config) : !isList(event)) return
  const caller = callerOf(event)
  if (!caller || isAllowed(caller, config)) return
  const cells = emit(caller.kind, caller.id)
  if (!cells) return
  if (object) addId(event, object, cells, caller.kind === 'ip')
  else addList(event, cells)
}

/** A webhook delivery or a finding does not. */
function asksForObjects(kind: string | undefined): boolean {
  return kind === 'http' || kind === undefined || kind === 'graphql' || kind === 'policy'
}

function isAllowed({ kind, id }: Entity, { allow }: Config): boolean {
  if (kind === 'principal') return allow.principals.includes(id)
  if (kind === 'key') return allow.keys.includes(id)
  return kind === 'client' ? allow.clients.includes(id) : allow.ips.includes(id)
}

function isObject(event: Request, { route }: TouchedObject, config: Config): boolean {
  return !config.ordinal_types.includes(event['object.type'] ?? '') && isRouteOfObjects(config)(route)
}

const isRouteOfObjects = perConfig(({ allow, asset_suffixes }: Config) =>
  memoise((route) => {
    if (allow.routes.includes(route) || cursor.test(route)) return false
    const file = suffix.exec(route)?.[1]
    return file === undefined || !asset_suffixes.includes(file.toLowerCase())
  }),
)

/** A page that was read without naming an object. Files are no lists. */
function isList({ route, method, status }: Request): boolean {
  if (route === undefined || (method !== undefined && method !== 'GET')) return false
  return (status === undefined || (status >= 200 && status < 300)) && !isFile(route)
}

const isFile = memoise((route) => /\.\w+$/.test(route))

type RequestCells = Emitted<typeof pane, typeof memory>

function addList(event: Request, { lists }: RequestCells): void {
  const service = event.vantage === 'service' ? 1 : 0
  lists.add(event.route ?? '', { edge: 1 - service, service })
}

function addId(
  event: Request,
  { route, id }: TouchedObject,
  { ids, troubled }: RequestCells,
  anonymous: boolean,
): void {
  const service = event.vantage === 'service' ? 1 : 0
  const answers = answerOf(event, anonymous)
  ids.add(idKey(route, id), { edge: 1 - service, service, answers })
  if ((answers & troubleBits) !== 0) troubled.add()
}

function answerOf(event: Request, anonymous: boolean): number {
  const status = event.status ?? (denied.test(event['policy.decision'] ?? '') ? 403 : 200)
  const { 'principal.tenant': mine, 'object.tenant': theirs } = event
  const known = mine !== undefined && theirs !== undefined
  return (
    (status >= 200 && status < 400 ? answerBits.served : 0) |
    (status === 401 || status === 403 ? answerBits.refused : 0) |
    (status === 404 || status === 410 ? answerBits.missed : 0) |
    (known && mine === theirs ? answerBits.own : 0) |
    (known && mine !== theirs ? answerBits.foreign : 0) |
    (anonymous && isRobot(event['client.user_agent'] ?? '') ? answerBits.robot : 0)
  )
}
