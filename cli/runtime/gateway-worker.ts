/** The thread that answers gateways begins here: it has a table, an identity and a clock, and does nothing else. */
import { parentPort, workerData } from 'node:worker_threads'
import { compileRoutes } from '../../core/event/route-table.ts'
import { routeTemplate } from '../../core/event/route-template.ts'
import type { IdentityOptions } from '../../enforcement/envoy/request-subject.ts'
import { answerGateways } from '../../enforcement/gateway-thread/answer-gateways.ts'
import type { ThreadData } from '../../enforcement/gateway-thread/thread-messages.ts'
import { pseudonymiser } from '../../ingest/privacy/pseudonym.ts'

/** What of the configuration tells who sends a request. */
export interface GatewaySettings {
  readonly trustedHops: number
  readonly routes: readonly string[]
  /** Set when events hold principals as pseudonyms. */
  readonly principalKey?: Uint8Array
}

function identityOf({ trustedHops, routes, principalKey }: GatewaySettings): IdentityOptions {
  const table = compileRoutes(routes)
  const pseudonymise = principalKey && pseudonymiser(principalKey)
  return {
    trustedHops,
    routeOf: (_method, path) => routeTemplate(path.split('?', 1)[0] ?? '', table).route,
    ...(pseudonymise ? { principalOf: (id: string) => pseudonymise(id) ?? id } : {}),
  }
}

if (!parentPort) throw new Error('gateway-worker only runs as a thread of `picket run`')
const { settings, ...listen } = workerData as ThreadData<GatewaySettings>
await answerGateways(parentPort, {
  ...listen,
  identity: identityOf(settings),
  clock: { now: () => Date.now() },
})
