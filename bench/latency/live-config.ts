import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** How far events of the pipe may be out of order: short, because it delays every final finding. */
export const pipeLatenessMs = 1000

/** What acts at once on what one event proves, and on what a sealed pane shows. */
const playbooks = {
  'refuse-token.yaml': `
version: 1
id: refuse-token
on: finding.detector == 'jti-reuse'
accepts: provisional
mode: enforce
limits: { targets_per_hour: 100000, share_of_clients: 100% }
steps:
  - { id: refuse, action: deny, target: finding.entity, ttl: 60s }
`,
  'refuse-walker.yaml': `
version: 1
id: refuse-walker
on: finding.detector == 'sequential-enumeration' && finding.entity.kind == 'principal'
accepts: final
mode: enforce
limits: { targets_per_hour: 100000, share_of_clients: 100% }
steps:
  - { id: refuse, action: deny, target: finding.entity, ttl: 60s }
`,
}

/** Writes the playbooks into a folder; gives the setting that names them. */
export function writePlaybooks(folder: string): string {
  mkdirSync(folder, { recursive: true })
  for (const [name, text] of Object.entries(playbooks)) writeFileSync(join(folder, name), text)
  return 'playbooks: [./refuse-token.yaml, ./refuse-walker.yaml]\n'
}

/** Writes the configuration of a `picket run` into a folder of its own; all detectors, state on disk, no copies. */
export function writeLiveConfig(folder: string, sources: string, envoyPort?: number, more = ''): string {
  const named = writePlaybooks(folder)
  const enforcement =
    envoyPort === undefined
      ? ''
      : `enforcement: { envoy: { listen: { host: 127.0.0.1, port: ${envoyPort} } } }\n`
  const path = join(folder, 'picket.yaml')
  writeFileSync(
    path,
    `data_dir: ./state
${more}
sources: [${sources}]
${named}${enforcement}clickhouse: { embedded: false }
`,
  )
  return path
}
