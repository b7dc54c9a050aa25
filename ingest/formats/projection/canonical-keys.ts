import { type EventField, eventFieldNames } from '../../../core/event/event-fields.ts'
import { placeOf } from '../places.ts'
import { KeyTable } from './key-table.ts'
import type { KeyUse, Take } from './key-use.ts'
import type { KeyMeanings } from './shape-learner.ts'

/** Beyond all fields and groups, keys that mean nothing are remembered as well, to be predicted. */
const rootKeysMax = 512
const innerKeysMax = 64

/** What the needed keys of canonical lines mean. */
export function canonicalMeanings(needed: Uint8Array): KeyMeanings {
  const meanings = new Map<string, number | Map<string, number>>()
  for (const name of eventFieldNames) {
    const place = placeOf(name)
    if (needed[place] !== 1) continue
    meanings.set(name, place)
    const [group, field] = parts(name)
    if (field === undefined) continue
    const fields = meanings.get(group)
    if (typeof fields === 'object') fields.set(field, place)
    else meanings.set(group, new Map([[field, place]]))
  }
  return meanings
}

/** The key table of canonical lines: fields by their dotted names, and groups such as `client` with fields inside. */
export function canonicalKeys(needed: Uint8Array, apart: (place: number) => Take['apart']): KeyTable {
  const uses = new Map<string, KeyUse>()
  const groups = new Map<string, Map<string, KeyUse>>()
  for (const name of eventFieldNames) {
    const place = placeOf(name)
    if (needed[place] !== 1) continue
    const noted = apart(place)
    const use = { takes: [noted === undefined ? { place } : { place, apart: noted }] }
    uses.set(name, use)
    const [group, field] = parts(name)
    if (field === undefined) continue
    groups.set(group, (groups.get(group) ?? new Map<string, KeyUse>()).set(field, use))
  }
  for (const [name, fields] of groups) {
    uses.set(name, { inner: new KeyTable((key) => fields.get(key), innerKeysMax) })
  }
  return new KeyTable((key) => uses.get(key), rootKeysMax)
}

function parts(name: EventField): [group: string, field: string | undefined] {
  const dot = name.indexOf('.')
  return dot < 0 ? [name, undefined] : [name.slice(0, dot), name.slice(dot + 1)]
}
