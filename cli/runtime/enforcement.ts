import type { Logger } from 'pino'
import type { PicketConfig } from '../../config/picket-config.ts'
import type { DecisionTable } from '../../core/decision/decision-table.ts'
import { compileRoutes } from '../../core/event/route-table.ts'
import { routeTemplate } from '../../core/event/route-template.ts'
import type { Clock } from '../../core/ports/clock.ts'
import { type ExtAuthz, startExtAuthz } from '../../enforcement/envoy/ext-authz-server.ts'
import { pseudonymiser } from '../../ingest/privacy/pseudonym.ts'

export interface EnforcementOptions {
  readonly config: PicketConfig
  readonly table: DecisionTable
  readonly clock: Clock
  /** The space's key, for principals that events hold as pseudonyms. */
  readonly key: Uint8Array
  readonly log: Logger
}

/** Starts the decision API for Envoy when it is configured. */
export async function startEnforcement(options: EnforcementOptions): Promise<ExtAuthz | undefined> {
  const { config, table, clock, key, log } = options
  const { envoy } = config.enforcement
  if (!envoy) return undefined
  const routes = compileRoutes(config.routes)
  const pseudonymise = pseudonymiser(key)
  const { host, port } = envoy.listen
  const authz = await startExtAuthz({
    host,
    port,
    table,
    clock,
    identity: {
      trustedHops: config.ingest.envoy.trusted_hops,
      routeOf: (_method, path) => routeTemplate(path.split('?', 1)[0] ?? '', routes).route,
      ...(config.privacy.principals ? { principalOf: (id: string) => pseudonymise(id) ?? id } : {}),
    },
    onError: (error) => log.error({ err: error }, 'ext_authz could not answer; Envoy lets the request pass'),
  })
  log.info({ host, port: authz.port }, 'ext_authz for Envoy answers')
  return authz
}
