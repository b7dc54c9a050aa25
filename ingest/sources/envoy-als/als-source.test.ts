import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Client,
  credentials,
  Metadata,
  makeClientConstructor,
  type ServiceError,
  status,
} from '@grpc/grpc-js'
import { afterEach, expect, it, vi } from 'vitest'
import { pushedPlace } from '../../../test/contracts/pushed-place.ts'
import { runSourceContract } from '../../../test/contracts/source-contract.ts'
import { nothingDurable, type ReadSource, readSource } from '../http/testing/read-source.ts'
import { accessLogService, type HttpLogEntry, type LogsMessage } from './access-log-service.ts'
import { EnvoyAlsSource, type EnvoyAlsSourceOptions } from './als-source.ts'
import { entryLine } from './entry-line.ts'

const token = '0123456789abcdef'
/** For a machine that pauses. */
const patience = { timeout: 20_000 }
const AccessLogClient = makeClientConstructor(accessLogService(), 'AccessLogService')

interface LogStream {
  write(message: LogsMessage): boolean
  end(): void
}

/** A stream as an Envoy opens it; `ended` rejects with what the server says. */
function openStream(port: number | undefined, given = token) {
  const client = new AccessLogClient(
    `127.0.0.1:${port}`,
    credentials.createInsecure(),
  ) as unknown as Client & {
    StreamAccessLogs(metadata: Metadata, done: (error: ServiceError | null) => void): LogStream
  }
  const metadata = new Metadata()
  metadata.set('authorization', `Bearer ${given}`)
  let stream: LogStream | undefined
  const ended = new Promise<void>((resolve, reject) => {
    stream = client.StreamAccessLogs(metadata, (error) => {
      client.close()
      if (error) reject(error)
      else resolve()
    })
  })
  ended.catch(() => {})
  if (!stream) throw new Error('no stream')
  return { stream, ended }
}

function entryOf(path: string): HttpLogEntry {
  return { request: { path } }
}

runSourceContract({
  name: 'EnvoyAlsSource',
  partitions: 1,
  lineOf: (record) => (JSON.parse(record) as { path: string }).path,
  provide: async ([lines = []]) =>
    pushedPlace(lines, () => {
      const source = new EnvoyAlsSource({ id: 'als', host: '127.0.0.1', port: 0, token })
      return {
        source,
        partition: 'accesslog',
        async send(from, to) {
          const { stream, ended } = openStream(source.port)
          stream.write({ http_logs: { log_entry: lines.slice(from, to).map(entryOf) } })
          stream.end()
          // A source that has read all of it may have ended before it answers: nothing is acknowledged anyway.
          await ended.catch(() => {})
        },
      }
    }),
})

const opened: ReadSource[] = []
afterEach(async () => {
  for (const reading of opened.splice(0)) await reading.stop()
})

async function start(options: Partial<EnvoyAlsSourceOptions> = {}, auto = true) {
  const source = new EnvoyAlsSource({ id: 'als', host: '127.0.0.1', port: 0, token, ...options })
  const durable = nothingDurable()
  const reading = readSource(source, durable, auto)
  opened.push(reading)
  await vi.waitFor(() => expect(reading.kinds).toContain('opened'), patience)
  return { source, durable, reading }
}

/** How much was taken once nothing more has come for a while. */
async function settled(reading: ReadSource): Promise<number> {
  for (let before = -1; ; ) {
    if (reading.taken === before) return before
    before = reading.taken
    await sleep(300)
  }
}

it('lets nobody in without the token', async () => {
  const { source, durable } = await start()
  for (const given of ['', 'wrong', `${token}x`]) {
    const { stream, ended } = openStream(source.port, given)
    stream.write({ http_logs: { log_entry: [entryOf('/a')] } })
    await expect(ended).rejects.toMatchObject({ code: status.UNAUTHENTICATED })
  }
  expect(durable.records).toEqual([])
})

it('refuses a message of countless empty entries, and its stream', async () => {
  const notices: string[] = []
  const { source, durable } = await start({ onNotice: (notice) => notices.push(notice) })
  const { stream, ended } = openStream(source.port)
  stream.write({ http_logs: { log_entry: Array<HttpLogEntry>(50_001).fill({}) } })
  await expect(ended).rejects.toMatchObject({ code: status.RESOURCE_EXHAUSTED })
  expect(notices).toEqual([expect.stringContaining('50000 entries')])
  expect(durable.records).toEqual([])
})

it('refuses a message of countless parts before it makes anything of them', async () => {
  const { source, durable } = await start()
  const { stream, ended } = openStream(source.port)
  const request_headers = Object.fromEntries(Array.from({ length: 260_000 }, (_, index) => [index, '']))
  stream.write({ http_logs: { log_entry: [{ request: { request_headers } }] } })
  await expect(ended).rejects.toMatchObject({
    code: status.RESOURCE_EXHAUSTED,
    details: expect.stringContaining('buffer_size_bytes') as string,
  })
  expect(durable.records).toEqual([])
})

it('takes final entries of requests only, and says once that connections are ignored', async () => {
  const notices: string[] = []
  const { source, durable } = await start({ onNotice: (notice) => notices.push(notice) })
  const { stream, ended } = openStream(source.port)
  stream.write({ tcp_logs: {} })
  stream.write({ tcp_logs: {} })
  const intermediate = { ...entryOf('/long'), common_properties: { intermediate_log_entry: true } }
  stream.write({ http_logs: { log_entry: [intermediate, entryOf('/done')] } })
  stream.end()
  await ended
  await vi.waitFor(
    () => expect(durable.records.map((line) => JSON.parse(line).path)).toEqual(['/done']),
    patience,
  )
  expect(notices).toEqual([expect.stringContaining('TCP')])
})

it('reads no further while too much waits for the commit, and goes on after it', async () => {
  const { source, durable, reading } = await start({ waitingBytesMax: 300_000 }, false)
  const { stream } = openStream(source.port)
  const total = 100
  for (let index = 0; index < total; index++) {
    stream.write({ http_logs: { log_entry: [entryOf(`/${index}/${'x'.repeat(50_000)}`)] } })
  }
  await vi.waitFor(() => expect(reading.taken).toBeGreaterThan(2), patience)
  for (let turn = 0; turn < 200; turn++) await new Promise(setImmediate)
  expect(reading.taken).toBeLessThan(total / 2)
  await vi.waitFor(
    async () => {
      await reading.commit()
      expect(durable.records).toHaveLength(total)
    },
    { ...patience, interval: 10 },
  )
  expect(durable.records.map((line) => Number(JSON.parse(line).path.split('/')[1]))).toEqual([
    ...Array(total).keys(),
  ])
})

it('a stream that is read no further leaves room for the others', async () => {
  const { source, reading } = await start({ waitingBytesMax: 300_000 }, false)
  const { stream: greedy } = openStream(source.port)
  for (let index = 0; index < 100; index++)
    greedy.write({ http_logs: { log_entry: [entryOf('x'.repeat(50_000))] } })
  await vi.waitFor(() => expect(reading.taken).toBeGreaterThan(2), patience)
  const before = await settled(reading)
  const { stream } = openStream(source.port)
  for (let index = 0; index < 2; index++) stream.write({ http_logs: { log_entry: [entryOf('/small')] } })
  await vi.waitFor(() => expect(reading.taken).toBe(before + 2), patience)
})

it('a port that is taken is an error', async () => {
  const { source } = await start()
  const other = new EnvoyAlsSource({ id: 'other', host: '127.0.0.1', port: source.port ?? 0, token })
  const reading = other.read(new Map(), new AbortController().signal).next()
  await expect(reading).rejects.toThrow(`can't listen on 127.0.0.1:${source.port} for access logs of Envoy`)
})

it('an entry becomes a line of the JSON access log, without what is not known and without credentials', () => {
  const line = entryLine({
    common_properties: {
      start_time: { seconds: 1_763_800_000, nanos: 123_456_789 },
      duration: { seconds: 1, nanos: 500_000 },
      downstream_remote_address: { socket_address: { address: '203.0.113.7' } },
      response_flags: { unauthorized_details: { reason: 1 } },
      metadata: {
        filter_metadata: {
          'envoy.filters.http.ext_authz': { fields: { decision: { stringValue: 'd-1' } } },
          mine: { fields: { a: { listValue: { values: [{ numberValue: 1 }, { boolValue: true }, {}] } } } },
        },
      },
    },
    request: {
      request_method: 9,
      path: '/a',
      user_agent: '',
      request_headers: { authorization: 'Bearer x', cookie: 'y', 'x-kept': 'z' },
    },
    response: { response_code: { value: 403 }, response_code_details: 'ext_authz_denied' },
  })
  expect(JSON.parse(line)).toEqual({
    start_time: '2025-11-22T08:26:40.123Z',
    method: 'PATCH',
    path: '/a',
    response_code: 403,
    response_code_details: 'ext_authz_denied',
    response_flags: 'UAEX',
    duration: 1000.5,
    bytes_received: 0,
    bytes_sent: 0,
    downstream_remote_address: '203.0.113.7',
    ext_authz: { decision: 'd-1' },
    metadata: { 'envoy.filters.http.ext_authz': { decision: 'd-1' }, mine: { a: [1, true, null] } },
    request_headers: { 'x-kept': 'z' },
  })
  expect(JSON.parse(entryLine({}))).toEqual({ request_headers: {} })
  const absurd = { start_time: { seconds: Number.MAX_VALUE } }
  expect(JSON.parse(entryLine({ common_properties: absurd }))).toEqual({ request_headers: {} })
})
