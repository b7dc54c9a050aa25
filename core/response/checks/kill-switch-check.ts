import type { KillSwitch } from '../../ports/kill-switch.ts'
import type { Check } from './check.ts'

/** Which switch stops an action of a playbook, in words; the widest one first. */
export function engagedSwitch(
  killSwitch: KillSwitch,
  action: string,
  playbook: string | undefined,
): string | undefined {
  const global = killSwitch.engaged('global')
  if (global !== undefined) return `the global kill switch is on: ${global}`
  const connector = killSwitch.engaged('connector', action)
  if (connector !== undefined) return `the kill switch of action ${action} is on: ${connector}`
  const own = playbook === undefined ? undefined : killSwitch.engaged('playbook', playbook)
  return own === undefined ? undefined : `the kill switch of playbook ${playbook} is on: ${own}`
}

/** Stops everything, pages too: a person pulled it because the machine is wrong. */
export const killSwitchCheck: Check = ({ action, playbook }, { killSwitch }) => {
  const detail = engagedSwitch(killSwitch, action.id, playbook.id)
  return detail === undefined ? undefined : { rule: 'kill_switch', detail }
}
