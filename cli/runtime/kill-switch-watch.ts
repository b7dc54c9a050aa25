import type { Logger } from 'pino'
import type { KillSwitch } from '../../core/ports/kill-switch.ts'

export interface KillSwitchWatchOptions {
  readonly killSwitch: KillSwitch
  /** Ids of what can be switched off by itself. */
  readonly actions: Iterable<string>
  /** Asked each time: a reload may bring others. */
  playbooks(): Iterable<string>
  readonly log: Pick<Logger, 'warn'>
}

/** Gives what, called every second or so, logs each switch that was put on or off since the last call. */
export function killSwitchWatch({ killSwitch, actions, playbooks, log }: KillSwitchWatchOptions): () => void {
  const actionIds = [...new Set(actions)]
  let before = new Map<string, string>()

  function engaged(): Map<string, string> {
    const asked: (readonly [name: string, by: string | undefined])[] = [
      ['global', killSwitch.engaged('global')],
      ...actionIds.map((id) => [`action ${id}`, killSwitch.engaged('connector', id)] as const),
      ...[...new Set(playbooks())].map(
        (id) => [`playbook ${id}`, killSwitch.engaged('playbook', id)] as const,
      ),
    ]
    return new Map(asked.flatMap(([name, by]) => (by === undefined ? [] : [[name, by] as const])))
  }

  return () => {
    const after = engaged()
    for (const [name, by] of after) {
      if (!before.has(name)) log.warn({ switch: name, by }, 'kill switch on')
    }
    for (const name of before.keys()) {
      if (!after.has(name)) log.warn({ switch: name }, 'kill switch off')
    }
    before = after
  }
}
