import { entityKey } from '../../entity/entity.ts'
import type { Check } from './check.ts'

const hourMs = 3_600_000
/** A share of few clients would allow nobody; this many targets are always allowed. */
export const targetsAlwaysAllowed = 3

/** A wrong detector hits a few, never everybody. A target that is counted already costs nothing again. */
export const budgetCheck: Check = ({ action, playbook, target, now }, { ledger, traffic }) => {
  if (!action.enforces || target === undefined) return undefined
  const key = entityKey(target)
  const simulated = playbook.mode === 'dry_run'
  const { targetsPerHour, shareOfClients } = playbook.limits
  const lastHour = ledger.targetsSince(playbook.id, now - hourMs, simulated)
  if (!lastHour.has(key) && lastHour.size >= targetsPerHour) {
    const detail = `${lastHour.size} targets in the last hour; playbook ${playbook.id} allows ${targetsPerHour}`
    return { rule: 'budget', detail }
  }
  const clients = traffic.activeClients()
  const allowed = Math.max(targetsAlwaysAllowed, Math.floor(shareOfClients * (clients ?? 0)))
  const inForce = ledger.targetsInForce(now, simulated)
  if (inForce.has(key) || inForce.size < allowed) return undefined
  const of = clients === undefined ? 'an unknown number of clients' : `${clients} clients of the last hour`
  return {
    rule: 'budget',
    detail: `${inForce.size} targets are under enforcement; ${allowed} are allowed of ${of}`,
  }
}
