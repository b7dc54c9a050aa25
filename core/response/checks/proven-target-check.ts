import type { EntityKind } from '../../entity/entity.ts'
import type { Check } from './check.ts'

/** What a gateway sees by itself; everything else is somebody's claim until it was authenticated. */
const seenByTheGateway: readonly EntityKind[] = ['ip', 'network', 'fingerprint', 'route', 'provider']

/**
 * A principal, key, token or the like is a target only where the finding is about it, for detectors emit such
 * entities from authenticated events alone. An id taken from evidence may be a name that an attacker typed.
 */
export const provenTargetCheck: Check = ({ action, target, finding, step }) => {
  // Whoever approves the step vouches for its target.
  if (step.approval === 'required') return undefined
  if (!action.enforces || target === undefined || seenByTheGateway.includes(target.kind)) return undefined
  const { kind, id } = finding.entity
  if (target.kind === kind && target.id === id) return undefined
  const detail = `${target.kind} ${target.id} is not the entity of the finding (${kind} ${id}), so nothing proves it`
  return { rule: 'unproven_target', detail }
}
