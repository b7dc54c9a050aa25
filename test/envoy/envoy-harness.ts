import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { Agent } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JWTPayload } from 'jose'
import type { Clock } from '../../core/ports/clock.ts'
import {
  type ExtAuthz,
  type ExtAuthzOptions,
  startExtAuthz,
} from '../../enforcement/envoy/ext-authz-server.ts'
import type { IdentityOptions } from '../../enforcement/envoy/request-subject.ts'
import { startEnvoy } from '../peers/envoy.ts'
import { freePort } from '../peers/free-port.ts'
import { type ClientRequest, type ClientResponse, sendRequest } from './client.ts'
import { envoyConfig } from './envoy-config.ts'
import { tokenIssuer } from './token-issuer.ts'
import { startUpstream, type Upstream } from './upstream.ts'

export interface EnvoyHarness {
  readonly port: number
  readonly adminUrl: string
  /** JSON lines as examples/envoy/envoy.yaml writes them, at most about 100 ms late. */
  readonly accessLogPath: string
  readonly upstream: Upstream
  /** Where Envoy asks; with `stopAuthz` a Picket in another process may take this port. */
  readonly authzPort: number
  /** The one that answers now; `undefined` while stopped. */
  authz(): ExtAuthz | undefined
  /** Ends Picket's side, its connections and its port. */
  stopAuthz(): Promise<void>
  /** Begins it again on the same port, so that Envoy finds it. */
  startAuthz(): Promise<void>
  send(request: ClientRequest): Promise<ClientResponse>
  sign(claims: JWTPayload): Promise<string>
  /** The access log so far, parsed. */
  logged(): Promise<Record<string, unknown>[]>
  stop(): Promise<void>
}

export interface EnvoyHarnessOptions {
  readonly envoyPath: string
  readonly table: ExtAuthzOptions['table']
  readonly clock: Clock
  /** Beyond the trusted hops, which follow from the configuration. */
  readonly identity?: Omit<IdentityOptions, 'trustedHops'>
  /** Changes the configuration before Envoy starts with it. */
  readonly configure?: (config: string) => string
}

/** A real Envoy with the shipped configuration, in front of a real upstream, asking a real ext_authz server. */
export async function startEnvoyHarness({
  envoyPath,
  table,
  clock,
  configure = (config) => config,
}: EnvoyHarnessOptions): Promise<EnvoyHarness> {
  const folder = await mkdtemp(join(tmpdir(), 'picket-harness-'))
  const cleanups: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })]
  const stop = async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
  }
  let authz: ExtAuthz | undefined
  const authzPort = await freePort()
  const startAuthz = async () => {
    // Envoy appends the proxy that a test plays, so the client is the second from the right.
    authz ??= await startExtAuthz({
      host: '127.0.0.1',
      port: authzPort,
      table,
      clock,
      identity: { trustedHops: 2 },
    })
  }
  const stopAuthz = async () => {
    await authz?.close()
    authz = undefined
  }
  try {
    const issuer = await tokenIssuer()
    const jwksPath = join(folder, 'jwks.json')
    const accessLogPath = join(folder, 'access.log')
    await writeFile(jwksPath, issuer.jwks)
    const upstream = await startUpstream()
    cleanups.push(upstream.stop)
    await startAuthz()
    cleanups.push(stopAuthz)
    const config = await envoyConfig({ upstreamPort: upstream.port, authzPort, accessLogPath, jwksPath })
    const envoy = await startEnvoy(envoyPath, configure(config))
    cleanups.push(envoy.stop)
    const port = await envoy.listenerPort('edge')
    const agent = new Agent({ keepAlive: true })
    cleanups.push(async () => agent.destroy())
    return {
      port,
      authzPort,
      adminUrl: envoy.adminUrl,
      accessLogPath,
      upstream,
      authz: () => authz,
      stopAuthz,
      startAuthz,
      send: (message) => sendRequest(port, agent, message),
      sign: issuer.sign,
      logged: () => parsedLines(accessLogPath),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Complete lines only: Envoy may be in the middle of writing the last one. */
async function parsedLines(path: string): Promise<Record<string, unknown>[]> {
  const text = await readFile(path, 'utf8')
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Record<string, unknown>)
}
