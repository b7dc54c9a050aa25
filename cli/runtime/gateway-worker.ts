/** The thread that answers gateways begins here: it has a table, an identity and a clock, and does nothing else. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { compileRoutes } from '../../core/event/route-table.ts'
import { routeTemplate } from '../../core/event/route-template.ts'
import type { Clock } from '../../core/ports/clock.ts'
import { BearerVerifier } from '../../enforcement/bearer-verifier.ts'
import type { IdentityOptions } from '../../enforcement/envoy/request-subject.ts'
import { answerGateways, tellProblem } from '../../enforcement/gateway-thread/answer-gateways.ts'
import type { ThreadData } from '../../enforcement/gateway-thread/thread-messages.ts'
import { pseudonymiser } from '../../ingest/privacy/pseudonym.ts'
import type { GatewaySettings } from './gateway-settings.ts'

const clock: Clock = { now: () => Date.now() }

async function identityOf(settings: GatewaySettings, port: MessagePort): Promise<IdentityOptions> {
  const { routes, principalKey, jwks, ...told } = settings
  const table = compileRoutes(routes)
  const pseudonymise = principalKey && pseudonymiser(principalKey)
  const bearer =
    jwks &&
    (await BearerVerifier.start(
      { ...jwks, jwks: jwks.source, onProblem: (message) => tellProblem(port, message) },
      clock,
    ))
  return {
    ...told,
    ...(bearer ? { bearer } : {}),
    routeOf: (_method, path) => routeTemplate(path.split('?', 1)[0] ?? '', table).route,
    ...(pseudonymise ? { principalOf: (id: string) => pseudonymise(id) ?? id } : {}),
  }
}

if (!parentPort) throw new Error('gateway-worker only runs as a thread of `picket run`')
const { settings, ...listen } = workerData as ThreadData<GatewaySettings>
await answerGateways(parentPort, {
  ...listen,
  identity: await identityOf(settings, parentPort),
  clock,
})
