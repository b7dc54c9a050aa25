import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { DecisionTable } from '../../core/decision/decision-table.ts'
import type { Decode } from '../../core/event/decoder.ts'
import { eventFieldNames } from '../../core/event/event-fields.ts'
import { openFormat } from '../../ingest/formats/format-options.ts'
import { EnvoyAlsSource } from '../../ingest/sources/envoy-als/als-source.ts'
import {
  type Durable,
  nothingDurable,
  type ReadSource,
  readSource,
} from '../../ingest/sources/http/testing/read-source.ts'
import { decodeLine } from '../formats/decode-line.ts'
import { describeEnvoy } from '../peers/describe-envoy.ts'
import { type EnvoyHarness, startEnvoyHarness } from './envoy-harness.ts'

const token = '0123456789abcdef'

/** The shipped configuration with a second access log, as ingest/sources/envoy-als/README.md shows it. */
function withAccessLogService(config: string, port: number): string {
  const place = '                http_filters:\n'
  const accessLog = `
                  - name: envoy.access_loggers.http_grpc
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig
                      common_config:
                        log_name: picket
                        transport_api_version: V3
                        buffer_flush_interval: 0.1s
                        grpc_service:
                          envoy_grpc: { cluster_name: picket-als }
                          initial_metadata: [{ key: authorization, value: Bearer ${token} }]
                      additional_request_headers_to_log: [cookie, x-api-key-id]
`
  const cluster = `
    - name: picket-als
      type: STATIC
      typed_extension_protocol_options:
        envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
          "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
          explicit_http_config: { http2_protocol_options: {} }
      load_assignment:
        cluster_name: picket-als
        endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: ${port} } } } }] }]
`
  expect(config.split(place)).toHaveLength(2)
  return `${config.replace(place, `${accessLog.slice(1)}${place}`).trimEnd()}${cluster}`
}

describeEnvoy("Envoy's gRPC access log", (envoyPath) => {
  const table = new DecisionTable()
  const durable: Durable = nothingDurable()
  let reading: ReadSource
  let edge: EnvoyHarness
  let decode: Decode

  beforeAll(async () => {
    const source = new EnvoyAlsSource({ id: 'als', host: '127.0.0.1', port: 0, token })
    reading = readSource(source, durable, true)
    await vi.waitFor(() => expect(source.port).toBeGreaterThan(0), { timeout: 20_000 })
    const configure = (config: string) => withAccessLogService(config, source.port ?? 0)
    edge = await startEnvoyHarness({ envoyPath, table, clock: { now: () => Date.now() }, configure })
    const fields = { 'key.id': 'request_headers.x-api-key-id' }
    decode = openFormat('envoy', { fields }, new Set(eventFieldNames))
  })
  afterAll(async () => {
    await edge?.stop()
    await reading?.stop()
  })

  const entries = () => durable.records.map((line) => JSON.parse(line) as Record<string, unknown>)

  it('tells of each request the event that its line in the file tells, and no credentials', async () => {
    const from = Date.now()
    table.apply({
      id: 'd-deny',
      scope: 'ip',
      value: '203.0.113.7',
      type: 'deny',
      from: from - 1000,
      until: from + 900_000,
      reason: 'test',
      by: 'person:ada',
    })
    const bearer = await edge.sign({ sub: 'alice', jti: 'j-1', aud: 'orders', azp: 'app' })
    const headers = { cookie: 'secret=1', 'x-api-key-id': 'key-7' }
    const paths = ['/orders/7?expand=all', '/denied', '/with/token']
    await edge.send({ path: '/orders/7?expand=all', ip: '198.51.100.1', headers })
    await edge.send({ path: '/denied', ip: '203.0.113.7' })
    await edge.send({ path: '/with/token', ip: '2001:db8::1', token: bearer })
    await expect.poll(() => entries().length, { timeout: 20_000 }).toBe(paths.length)
    await expect.poll(async () => (await edge.logged()).length, { timeout: 20_000 }).toBe(paths.length)
    const eventsOf = (lines: readonly Record<string, unknown>[]) =>
      paths.map((path) => {
        const line = lines.find((one) => one.path === path)
        const decoded = decodeLine(decode, JSON.stringify(line))
        if (decoded.outcome !== 'event') throw new Error(`${path}: ${JSON.stringify(decoded)}`)
        const { latency_ms: latency = Number.NaN, ...event } = decoded.event
        expect(latency).toBeGreaterThanOrEqual(0)
        return event
      })
    const [first, ...others] = eventsOf(entries())
    expect(first).toMatchObject({ 'key.id': 'key-7', path: '/orders/7', method: 'GET', vantage: 'edge' })
    const { 'key.id': _key, ...rest } = first ?? {}
    const filed = eventsOf(await edge.logged())
    expect([rest, ...others]).toEqual(filed)
    expect(filed.map((event) => event.enforced_by)).toEqual([undefined, 'd-deny', undefined])
    expect(filed.map((event) => event['principal.id'])).toEqual([undefined, undefined, 'alice'])
    expect(durable.records.join('\n')).not.toContain('secret=1')
  })

  it('keeps the order of requests on a stream', async () => {
    const before = durable.records.length
    for (let index = 0; index < 20; index++) await edge.send({ path: `/many/${index}` })
    const paths = Array.from({ length: 20 }, (_, index) => `/many/${index}`)
    await expect
      .poll(
        () =>
          entries()
            .slice(before)
            .map(({ path }) => path),
        { timeout: 20_000 },
      )
      .toEqual(paths)
  })
})
