import type { Action } from '../core/response/action.ts'
import type { DecisionList } from '../core/response/decision-lifecycle.ts'
import { createDeny } from './deny/deny.ts'
import { createPage, type PageConfig } from './page/page.ts'
import { createRevokeToken } from './revoke-token/revoke-token.ts'
import { createThrottle } from './throttle/throttle.ts'

export interface ActionPorts {
  readonly decisions: DecisionList
  readonly page: PageConfig
}

/** Every action, by id. A new one is added to this list; nothing registers itself. */
export function createActions({ decisions, page }: ActionPorts): ReadonlyMap<string, Action> {
  const actions: readonly Action[] = [
    createThrottle(decisions),
    createDeny(decisions),
    createRevokeToken(decisions),
    createPage(page),
  ]
  return new Map(actions.map((action) => [action.id, action]))
}
