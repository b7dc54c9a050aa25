/** What a switch stops: everything, every use of one action, or one playbook. */
export type KillSwitchLevel = 'global' | 'connector' | 'playbook'

/**
 * The person's emergency stop. It is asked before every effect and on every reconcile, so it answers from memory or
 * from a file at once, and an adapter that can't tell must say that it is engaged.
 */
export interface KillSwitch {
  /** Who or what engaged the switch, in words; `undefined` while it is off. `id` is absent for `global`. */
  engaged(level: KillSwitchLevel, id?: string): string | undefined
}
