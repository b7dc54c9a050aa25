import type { Changes } from '../../core/ports/state-store.ts'
import type { ResponsePorts } from '../../core/response/responder-state.ts'

/** The state store as response sees it, which tells what it committed once that is durable. */
export function tellingStore(
  store: ResponsePorts['store'],
  tell: (changes: Changes) => void,
): ResponsePorts['store'] {
  return {
    term: store.term,
    async commit(changes) {
      await store.commit(changes)
      tell(changes)
    },
    runs: (filter) => store.runs(filter),
    findings: (filter) => store.findings(filter),
  }
}
