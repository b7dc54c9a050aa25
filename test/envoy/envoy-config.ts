import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface EnvoyAddresses {
  readonly upstreamPort: number
  readonly authzPort: number
  readonly accessLogPath: string
  readonly jwksPath: string
}

const examplePath = join(import.meta.dirname, '..', '..', 'examples', 'envoy', 'envoy.yaml')

/**
 * The shipped configuration with this test's addresses, and one trusted hop, so that a test can play a proxy that
 * says which client it speaks for. Throws when the file no longer holds what is to be replaced.
 */
export async function envoyConfig(addresses: EnvoyAddresses): Promise<string> {
  const { upstreamPort, authzPort, accessLogPath, jwksPath } = addresses
  const loopback = (port: number) => `address: 127.0.0.1, port_value: ${port}`
  const replacements: readonly (readonly [shipped: string, here: string])[] = [
    ['address: 0.0.0.0, port_value: 10000', loopback(0)],
    ['address: 127.0.0.1, port_value: 9901', loopback(0)],
    ['address: upstream, port_value: 8080', loopback(upstreamPort)],
    ['address: picket, port_value: 9191', loopback(authzPort)],
    ['/var/log/envoy/access.log', accessLogPath],
    ['/etc/envoy/jwks.json', jwksPath],
    ['xff_num_trusted_hops: 0', 'xff_num_trusted_hops: 1'],
    // Who does not answer within that is passed by, and a test process may well pause for a quarter of a second.
    ['cluster_name: picket }, timeout: 0.25s', 'cluster_name: picket }, timeout: 2s'],
  ]
  let config = await readFile(examplePath, 'utf8')
  for (const [shipped, here] of replacements) {
    const parts = config.split(shipped)
    if (parts.length !== 2)
      throw new Error(`${examplePath} holds '${shipped}' ${parts.length - 1} times, not once`)
    config = parts.join(here)
  }
  return config
}
