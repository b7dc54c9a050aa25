/** Whom a finding or a decision is about. */
export const entityKinds = [
  'ip',
  'network',
  'fingerprint',
  'principal',
  'key',
  'token',
  'session',
  'client',
  'tenant',
  'route',
  'provider',
  'service',
  'device',
] as const
export type EntityKind = (typeof entityKinds)[number]

/** A kind and a canonical id; ids come from `canonicalId`, never straight from an event. */
export interface Entity {
  readonly kind: EntityKind
  readonly id: string
}

/** One key for an entity in maps and stores. */
export function entityKey(entity: Entity): string {
  return `${entity.kind}:${entity.id}`
}

/** The inverse of `entityKey`; `undefined` for text that is no key. */
export function parseEntityKey(key: string): Entity | undefined {
  const colon = key.indexOf(':')
  if (colon < 0 || colon === key.length - 1) return undefined
  const name = key.slice(0, colon)
  // The text of this file: who looks for it compares no characters.
  const kind = entityKinds.find((one) => one === name)
  return kind && { kind, id: key.slice(colon + 1) }
}
