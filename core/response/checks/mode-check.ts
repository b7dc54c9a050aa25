import { entityKey } from '../../entity/entity.ts'
import { responseHash } from '../run-id.ts'
import type { Check } from './check.ts'

/** `dry_run` never acts; `canary` acts for a stable share of entities, the same ones in every playbook run. */
export const modeCheck: Check = ({ playbook, finding }) => {
  if (playbook.mode === 'enforce') return undefined
  if (playbook.mode === 'dry_run') return { rule: 'mode', detail: `playbook ${playbook.id} is in dry_run` }
  const place = canaryPlace(playbook.id, entityKey(finding.entity))
  if (place < playbook.canaryShare) return undefined
  const detail = `playbook ${playbook.id} is in canary for ${playbook.canaryShare} of the entities; this one is at ${place.toFixed(3)}`
  return { rule: 'mode', detail }
}

/** Where an entity stands between 0 and 1; playbooks choose different entities. */
export function canaryPlace(playbook: string, entity: string): number {
  return Number.parseInt(responseHash('canary', playbook, entity).slice(0, 8), 16) / 2 ** 32
}
