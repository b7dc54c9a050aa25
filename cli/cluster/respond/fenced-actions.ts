import type { Action } from '../../../core/response/action.ts'

/**
 * The same actions, which ask whether this responder still is the one before they touch the world: the intent was committed
 * then, but the process may have slept since. What `confirm` throws stops it.
 */
export function fencedActions(
  actions: ReadonlyMap<string, Action>,
  confirm: () => Promise<void>,
): ReadonlyMap<string, Action> {
  return new Map([...actions].map(([id, action]) => [id, fenced(action, confirm)]))
}

function fenced(action: Action, confirm: () => Promise<void>): Action {
  return {
    ...action,
    async apply(request, signal) {
      await confirm()
      return action.apply(request, signal)
    },
    async undo(request, signal) {
      await confirm()
      return action.undo(request, signal)
    },
  }
}
