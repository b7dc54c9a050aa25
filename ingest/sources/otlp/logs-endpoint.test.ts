import { loadSync, type MethodDefinition, type ServiceDefinition } from '@grpc/proto-loader'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { pushedPlace } from '../../../test/contracts/pushed-place.ts'
import { runSourceContract } from '../../../test/contracts/source-contract.ts'
import { HttpSource } from '../http/http-source.ts'
import { nothingDurable, type ReadSource, readSource } from '../http/testing/read-source.ts'
import { protoPath } from '../pushed/proto-path.ts'
import type { LogLineOptions } from './log-lines.ts'
import { logsEndpoint } from './logs-endpoint.ts'
import type { AnyValue, LogRecord } from './logs-message.ts'

const definition = loadSync(protoPath('otlp', 'otlp_logs.proto'), { longs: String })
const methodOf = (service: string, method: string) =>
  (definition[`opentelemetry.proto.collector.logs.v1.${service}`] as ServiceDefinition)[
    method
  ] as MethodDefinition<object, object>
const exporting = methodOf('LogsService', 'Export')
const failing = methodOf('Failures', 'Tell')

const json = { 'content-type': 'application/json' }
const protobuf = { 'content-type': 'application/x-protobuf' }
const time = 1_763_800_000_123
const timeUnixNano = `${time}456789`

type Plain = string | number | boolean | readonly Plain[] | { readonly [key: string]: Plain }

function anyValue(value: Plain): AnyValue {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value === 'number')
    return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value }
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } }
  return { kvlistValue: { values: pairs(value as Readonly<Record<string, Plain>>) } }
}

function pairs(attributes: Readonly<Record<string, Plain>>) {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) }))
}

function request(logRecords: readonly LogRecord[], resource: Readonly<Record<string, Plain>> = {}) {
  return { resourceLogs: [{ resource: { attributes: pairs(resource) }, scopeLogs: [{ logRecords }] }] }
}

const encodings = [
  ['json', json, (message: object) => JSON.stringify(message)],
  // A Buffer of a pool is no body of a fetch.
  ['protobuf', protobuf, (message: object) => Uint8Array.from(exporting.requestSerialize(message))],
] as const

const attributes: LogLineOptions = { from: 'attributes', trustsClientAddress: false }
const opened: ReadSource[] = []
afterEach(async () => {
  for (const reading of opened.splice(0)) await reading.stop()
})

async function start(options: LogLineOptions = attributes) {
  const endpoint = logsEndpoint(options)
  const source = new HttpSource({ id: 'otlp', host: '127.0.0.1', port: 0, token: undefined, endpoint })
  const durable = nothingDurable()
  const reading = readSource(source, durable, true)
  opened.push(reading)
  await vi.waitFor(() => expect(reading.kinds).toContain('opened'), { timeout: 20_000 })
  const send = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string>) =>
    fetch(`http://127.0.0.1:${source.port}/v1/logs`, { method: 'POST', body, headers })
  return { send, durable }
}

for (const [name, headers, encode] of encodings) {
  runSourceContract({
    name: `OTLP bodies in ${name}`,
    partitions: 1,
    provide: async ([lines = []]) =>
      pushedPlace(lines, () => {
        const endpoint = logsEndpoint({ ...attributes, from: 'body' })
        const source = new HttpSource({ id: 'otlp', host: '127.0.0.1', port: 0, token: undefined, endpoint })
        return {
          source,
          partition: 'logs',
          async send(from, to) {
            const body = encode(request(lines.slice(from, to).map((line) => ({ body: anyValue(line) }))))
            const url = `http://127.0.0.1:${source.port}/v1/logs`
            expect((await fetch(url, { method: 'POST', body, headers })).status).toBe(200)
          },
        }
      }),
  })
}

describe.each(encodings)('logs in %s', (_name, headers, encode) => {
  const eventOf = async (record: LogRecord, resource = {}, options: Partial<LogLineOptions> = {}) => {
    const { send, durable } = await start({ ...attributes, ...options })
    expect((await send(encode(request([record], resource)), headers)).status).toBe(200)
    return JSON.parse(durable.records[0] ?? '') as unknown
  }

  it('the semantic conventions tell the event', async () => {
    const told = pairs({
      'http.request.method': 'GET',
      'url.path': '/orders/7',
      'url.query': 'expand=all',
      'http.route': '/orders/:id',
      'http.response.status_code': 404,
      'server.address': 'api.example',
      'network.peer.address': '203.0.113.7',
      'client.address': '198.51.100.1',
      'user_agent.original': 'curl/8',
      'enduser.id': 'ann',
      'user.roles': ['admin', 'dev'],
      'http.server.request.duration': 0.0125,
      'auth.outcome': 'failure',
      'token.jti': '9007199254740993123',
      unknown: 'x',
    })
    const traceId =
      headers === json
        ? '5B8EFFF798038103D269B633813FC60C'
        : Buffer.from('5B8EFFF798038103D269B633813FC60C', 'hex')
    expect(await eventOf({ timeUnixNano, traceId, attributes: told }, { 'service.name': 'shop' })).toEqual({
      time,
      trace: '5b8efff798038103d269b633813fc60c',
      method: 'GET',
      path: '/orders/7?expand=all',
      route: '/orders/:id',
      status: 404,
      host: 'api.example',
      service: 'shop',
      latency_ms: 12.5,
      'client.ip': '203.0.113.7',
      'client.user_agent': 'curl/8',
      'principal.id': 'ann',
      'principal.roles': ['admin', 'dev'],
      'auth.outcome': 'failure',
      'token.jti': '9007199254740993123',
    })
  })

  it('older names are known, newer ones win', async () => {
    const told = pairs({
      'http.method': 'POST',
      'http.target': '/a?b=c',
      'http.status_code': 200,
      'http.response.status_code': 201,
      'net.peer.ip': '203.0.113.8',
    })
    expect(
      await eventOf({ observedTimeUnixNano: timeUnixNano, timeUnixNano: '0', attributes: told }),
    ).toEqual({
      time,
      method: 'POST',
      path: '/a?b=c',
      status: 201,
      'client.ip': '203.0.113.8',
    })
  })

  it('client.address, which clients may write, is believed only on request', async () => {
    const record = { attributes: pairs({ 'client.address': '198.51.100.1' }) }
    expect(await eventOf(record)).toEqual({})
    expect(await eventOf(record, {}, { trustsClientAddress: true })).toEqual({ 'client.ip': '198.51.100.1' })
  })

  it('a structured body tells too, and attributes win', async () => {
    const body = anyValue({ object: { id: 7, type: 'order' }, 'client.id': 'app' })
    expect(await eventOf({ body, attributes: pairs({ 'object.type': 'invoice' }) })).toEqual({
      'object.id': 7,
      'object.type': 'invoice',
      'client.id': 'app',
    })
  })

  it('bodies that are lines: texts as they are, structures as JSON, nothing as what is refused', async () => {
    const { send, durable } = await start({ ...attributes, from: 'body' })
    const bodies = ['a line', { a: [1, { b: 'c' }], d: 1.5, e: true }].map((body) => ({
      body: anyValue(body),
    }))
    expect((await send(encode(request([...bodies, {}])), headers)).status).toBe(200)
    expect(durable.records).toEqual(['a line', '{"a":[1,{"b":"c"}],"d":1.5,"e":true}', '(no body)'])
  })

  it('success leaves partial_success unset; refused records are counted, and not to be sent again', async () => {
    const { send } = await start({ ...attributes, from: 'body' })
    const read = async (response: Response) => {
      expect([response.status, response.headers.get('content-type')]).toEqual([200, headers['content-type']])
      return headers === json ? await response.json() : decodeResponse(await response.arrayBuffer())
    }
    const line = (text: string) => ({ body: anyValue(text) })
    expect(await read(await send(encode(request([line('a')])), headers))).toEqual({})
    expect(await read(await send(encode(request([])), headers))).toEqual({})
    expect(await read(await send(encode(request([line('a'), line('!b'), line('!c')])), headers))).toEqual({
      partialSuccess: {
        rejectedLogRecords: '2',
        errorMessage: expect.stringContaining('picket dead-letters list') as string,
      },
    })
  })

  it('what is no message is refused with a Status', async () => {
    const { send, durable } = await start()
    const response = await send('\u000f{"resourceLogs":', headers)
    expect([response.status, response.headers.get('content-type')]).toEqual([400, headers['content-type']])
    const bytes = await response.arrayBuffer()
    const status =
      headers === json
        ? (JSON.parse(Buffer.from(bytes).toString()) as object)
        : failing.responseDeserialize(Buffer.from(bytes))
    expect(status).toEqual({ message: expect.stringContaining('no ExportLogsServiceRequest') as string })
    expect(durable.records).toEqual([])
  })

  it('a small body that would become lines of any size is refused', async () => {
    const { send, durable } = await start()
    const resource = { 'service.name': 'x'.repeat(30_000) }
    const response = await send(encode(request(Array(3000).fill({}), resource)), headers)
    expect(response.status).toBe(413)
    expect(durable.records).toEqual([])
  })

  it('nesting without end is refused or cut, and harms nobody', async () => {
    const { send } = await start()
    expect([200, 400]).toContain(
      (await send(headers === json ? nestedJson() : nestedBytes(), headers)).status,
    )
    expect((await send(encode(request([{}])), headers)).status).toBe(200)
  })
})

const nestingDepth = 2000

function nestedJson(): string {
  const start = '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":'
  const nested = '{"kvlistValue":{"values":[{"key":"k","value":'.repeat(nestingDepth)
  return `${start}${nested}{}${'}]}}'.repeat(nestingDepth)}}]}]}]}`
}

function nestedBytes(): Uint8Array<ArrayBuffer> {
  let value: number[] = []
  for (let depth = 0; depth < nestingDepth; depth++) value = long(6, long(1, long(2, value)))
  return Uint8Array.from(long(1, long(2, long(2, long(5, value)))))
}

function decodeResponse(bytes: ArrayBuffer): object {
  return exporting.responseDeserialize(Buffer.from(bytes))
}

it('reads the bytes of a Protobuf message written by hand', async () => {
  const field = (number: number, ...content: readonly (number | string)[]) => {
    const bytes = content.flatMap((part) => (typeof part === 'string' ? [...Buffer.from(part)] : [part]))
    return [(number << 3) | 2, bytes.length, ...bytes]
  }
  const nanoseconds = Buffer.alloc(8)
  nanoseconds.writeBigUInt64LE(BigInt(timeUnixNano))
  const status = field(6, ...field(1, 'http.response.status_code'), ...field(2, 0x18, 0xc8, 0x01))
  const method = field(6, ...field(1, 'http.request.method'), ...field(2, ...field(1, 'PUT')))
  const severity = [0x10, 9, ...field(3, 'INFO')]
  const record = [
    0x09,
    ...nanoseconds,
    ...severity,
    ...status,
    ...method,
    ...field(9, ...Array(16).fill(0xab)),
  ]
  const resource = field(1, ...field(1, ...field(1, 'service.name'), ...field(2, ...field(1, 'shop'))))
  const message = field(1, ...resource, ...long(2, long(2, record)))
  // Longer than 127 bytes, so its length takes two.
  const { send, durable } = await start()
  const body = Uint8Array.from([message[0] ?? 0, ...varint(message.length - 2), ...message.slice(2)])
  expect((await send(body, protobuf)).status).toBe(200)
  expect(JSON.parse(durable.records[0] ?? '')).toEqual({
    time,
    trace: 'ab'.repeat(16),
    status: 200,
    method: 'PUT',
    service: 'shop',
  })
})

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >> 7)]
}

function long(number: number, content: readonly number[]): number[] {
  return [(number << 3) | 2, ...varint(content.length), ...content]
}

it('whatever JSON a sender makes up, it gets an answer, and records are lines', async () => {
  const { send, durable } = await start()
  const key = fc.constantFrom(
    'resourceLogs',
    'scopeLogs',
    'logRecords',
    'body',
    'attributes',
    'kvlistValue',
    'values',
    'key',
    'value',
    'intValue',
    'timeUnixNano',
    'traceId',
  )
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'medium', withCrossShrink: true },
      fc.constantFrom(null, 1, '', '__proto__', '1e9', -1.5, true),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(key, tie('value'), { maxKeys: 4 }),
    ),
  }))
  const records = fc
    .array(value, { maxLength: 4 })
    .map((logRecords) => ({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] }))
  await fc.assert(
    fc.asyncProperty(fc.oneof(value, records), async (message) => {
      const { status } = await send(JSON.stringify(message), json)
      expect([200, 400]).toContain(status)
    }),
    { numRuns: 300 },
  )
  expect(durable.records.length).toBeGreaterThan(50)
  for (const line of durable.records) expect(typeof JSON.parse(line)).toBe('object')
})

describe('tiny messages without end', () => {
  const wrapped = (field: number, content: Buffer) =>
    Buffer.concat([Buffer.from([(field << 3) | 2, ...varint(content.length)]), content])
  const times = (bytes: readonly number[], count: number) =>
    Buffer.alloc(bytes.length * count, Buffer.from(bytes))
  const inRecord = (...fields: readonly Buffer[]) => wrapped(2, Buffer.concat(fields))
  const inRequest = (content: Buffer) => Uint8Array.from(wrapped(1, wrapped(2, content)))
  const millions = 3_900_000

  it.each([
    ['resources', Uint8Array.from(times([0x0a, 0], millions))],
    ['scopes', Uint8Array.from(wrapped(1, times([0x12, 0], millions)))],
    ['log records', inRequest(times([0x12, 0], millions))],
  ])('that are %s are refused before one is decoded', async (what, body) => {
    const { send, durable } = await start()
    const response = await send(body, protobuf)
    expect(response.status).toBe(413)
    expect(failing.responseDeserialize(Buffer.from(await response.arrayBuffer()))).toEqual({
      message: `the body holds more than 50000 ${what}: send them in parts`,
    })
    expect(durable.records).toEqual([])
  })

  it.each([
    ['attributes', times([0x32, 0], millions)],
    ['values of a body', wrapped(5, wrapped(5, times([0x0a, 0], millions)))],
  ])('that are %s of a record make it no event, and leave the others', async (_name, many) => {
    const { send, durable } = await start({ ...attributes, from: 'body' })
    const good = wrapped(5, wrapped(1, Buffer.from('a line')))
    const body = inRequest(Buffer.concat([inRecord(many), inRecord(good)]))
    expect((await send(body, protobuf)).status).toBe(200)
    expect(durable.records).toEqual(['(a log record of too many values)', 'a line'])
  })

  it('that are values of JSON are refused before it is parsed, and signs in texts are none', async () => {
    const { send } = await start()
    const response = await send(`{"resourceLogs":[${'{},'.repeat(1_300_000)}{}]}`, json)
    expect([response.status, await response.json()]).toEqual([
      413,
      { message: 'the body holds more than 2000000 values: send them in parts' },
    ])
    const text = JSON.stringify(request([{ body: { stringValue: '\\",{['.repeat(700_000) } }]))
    expect((await send(text, json)).status).toBe(200)
  })

  it('of one key are one request, though cutting it takes many turns', async () => {
    const { send, durable } = await start()
    const body = inRequest(Buffer.concat(Array<Buffer>(20_000).fill(inRecord(times([0x32, 0], 50)))))
    const headers = { ...protobuf, 'idempotency-key': 'k' }
    const both = await Promise.all([send(body, headers), send(body, headers)])
    expect(both.map(({ status }) => status)).toEqual([200, 200])
    expect(durable.records).toHaveLength(20_000)
  })
})

it('other types are refused with what to send', async () => {
  const { send } = await start()
  const response = await send('x', { 'content-type': 'text/plain' })
  expect([response.status, response.headers.get('accept')]).toEqual([
    415,
    'application/x-protobuf, application/json',
  ])
})
