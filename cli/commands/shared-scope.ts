import type { EntityKind } from '../../core/entity/entity.ts'
import { decidableId } from '../../core/response/decidable-id.ts'
import { safeText } from '../render/safe-text.ts'

const affected: Partial<Readonly<Record<EntityKind, (id: string) => string>>> = {
  network: (id) => `every client with an address in ${id}${id.includes(':') ? '' : ', 256 addresses'}`,
  fingerprint: (id) =>
    `every client whose TLS fingerprint is ${id}: all that use the same version of the same browser or library`,
  client: (id) => `every user of the OAuth client ${id}`,
  tenant: (id) => `every user of the tenant ${id}`,
  route: (id) => `every client that asks for ${id}, whoever it is`,
  provider: (id) => `every delivery of the provider ${id}`,
  service: (id) => `every client of the service ${id}`,
}

/** Whom a decision binds that many clients share, in words; `undefined` where the entity is one client. */
export function sharedBy(scope: EntityKind, value: string): string | undefined {
  const named = decidableId(scope, value)
  return 'problem' in named ? undefined : affected[scope]?.(safeText(named.id, 300))
}
