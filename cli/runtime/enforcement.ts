import type { Logger } from 'pino'
import type { PicketConfig } from '../../config/picket-config.ts'
import type { ExtAuthz } from '../../enforcement/envoy/ext-authz-server.ts'
import { startGatewayThread } from '../../enforcement/gateway-thread/gateway-thread.ts'
import { scriptBeside } from '../../enforcement/gateway-thread/start-script.ts'
import type { ReplicatedTable } from '../../enforcement/replicated-table.ts'
import { gatewaySettings } from './gateway-settings.ts'

export interface EnforcementOptions {
  readonly config: Pick<PicketConfig, 'enforcement' | 'ingest' | 'privacy' | 'routes'>
  readonly table: ReplicatedTable
  /** The space's key, for principals that events hold as pseudonyms. */
  readonly key: Uint8Array
  readonly log: Pick<Logger, 'info' | 'error'>
  /** Told whether gateways are answered. */
  readonly onTurn?: (isUp: boolean) => void
}

const script = scriptBeside(import.meta.url, 'gateway-worker')

/** Starts the decision API for Envoy, in a thread of its own, when it is configured. */
export async function startEnforcement(options: EnforcementOptions): Promise<ExtAuthz | undefined> {
  const { config, table, key, log, onTurn = () => {} } = options
  const { envoy } = config.enforcement
  if (!envoy) return undefined
  const { host, port } = envoy.listen
  const authz = await startGatewayThread({
    host,
    port,
    script,
    settings: gatewaySettings(config, envoy, key),
    table,
    onErrors: (errors) => log.error({ ...errors }, 'ext_authz could not answer; Envoy lets the request pass'),
    onDown: (reason) => {
      onTurn(false)
      log.error(
        { reason },
        'ext_authz is down and will be started again; until then Envoy lets requests pass',
      )
    },
    onProblem: (problem) => log.error(problem),
    onBack: () => {
      onTurn(true)
      log.info({ host, port: authz.port }, 'ext_authz for Envoy answers again')
    },
  })
  onTurn(true)
  log.info({ host, port: authz.port }, 'ext_authz for Envoy answers')
  return authz
}
