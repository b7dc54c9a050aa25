import { readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ownedFolder } from './owned-folder.ts'
import { type RunningProcess, startProcess } from './process.ts'

export interface Envoy {
  readonly adminUrl: string
  readonly process: RunningProcess
  /** The port that a listener got; give listeners `port_value: 0`, and no two tests ever collide. */
  listenerPort(name: string): Promise<number>
  stop(): Promise<void>
}

interface ListenersReply {
  readonly listener_statuses: readonly {
    readonly name: string
    readonly local_address: { readonly socket_address: { readonly port_value: number } }
  }[]
}

const adminYaml = '{ admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } } }'

/** Starts Envoy with a configuration in YAML. The admin address is set here and overrides the configuration's. */
export async function startEnvoy(binary: string, configYaml: string): Promise<Envoy> {
  const folder = await ownedFolder(join(tmpdir(), 'picket-envoy-'))
  const configPath = join(folder, 'envoy.yaml')
  const adminAddressPath = join(folder, 'admin-address')
  await writeFile(configPath, configYaml)
  const adminUrl = async () => `http://${(await readFile(adminAddressPath, 'utf8')).trim()}`
  const args = [
    '--config-path',
    configPath,
    '--config-yaml',
    adminYaml,
    '--admin-address-path',
    adminAddressPath,
  ]
  // Not --use-dynamic-base-id: it leaves a shared memory file behind for every start.
  args.push('--disable-hot-restart', '--concurrency', '1', '--log-level', 'warning')
  // The default lets access log lines come 10 s late.
  args.push('--file-flush-interval-msec', '100')
  try {
    const envoy = await startProcess({
      command: binary,
      args,
      isReady: async () => (await get(`${await adminUrl()}/ready`)).startsWith('LIVE'),
    })
    const admin = await adminUrl()
    const stop = async () => {
      await envoy.stop()
      await rm(folder, { recursive: true, force: true })
    }
    return { adminUrl: admin, process: envoy, listenerPort: (name) => listenerPort(admin, name), stop }
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

async function listenerPort(adminUrl: string, name: string): Promise<number> {
  const reply = JSON.parse(await get(`${adminUrl}/listeners?format=json`)) as ListenersReply
  const port = reply.listener_statuses.find((listener) => listener.name === name)?.local_address
    .socket_address.port_value
  if (!port) throw new Error(`Envoy has no listener '${name}'`)
  return port
}

async function get(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2000) })
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
  return response.text()
}
