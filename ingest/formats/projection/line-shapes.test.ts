import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { type EventField, eventFieldNames } from '../../../core/event/event-fields.ts'
import { EventRecord } from '../../../core/event/event-record.ts'
import { damaged } from '../../../test/formats/hostile-json.ts'
import { canonicalParser } from '../canonical/canonical-parser.ts'
import { neededPlaces } from '../needed.ts'
import { CanonicalProjection } from './canonical-projection.ts'

/** More, and another seed, for a longer run by hand. */
const runs = Number(process.env.PICKET_FUZZ_RUNS ?? 5000)
const seed = Number(process.env.PICKET_FUZZ_SEED ?? 1)
const parse = canonicalParser()
const wanted: readonly EventField[] = eventFieldNames.filter((name) => name !== 'trace' && name !== 'gateway')

let projection = new CanonicalProjection({}, neededPlaces(wanted))
const event = new EventRecord()

function told(from: EventRecord): unknown {
  return eventFieldNames.flatMap((name: EventField) =>
    from[name] !== undefined && wanted.includes(name) ? [[name, from[name]]] : [],
  )
}

/** Reads a line twice, so that what the first time taught is used the second. Whether the shape was known then. */
function expectAlike(
  line: string | Uint8Array,
  behind = '\n{"time":"2026-03-09T08:00:00.251Z","status":500}\n',
): boolean {
  const own = Buffer.from(line)
  const bytes = Buffer.concat([Buffer.from('"x'), own, Buffer.from(behind)])
  const parsed = new EventRecord()
  const isEvent = parse(own, parsed) === 'event'
  const before = projection.shaped
  for (let again = 0; again < 2; again++) {
    const isRead = projection.read(bytes, 2, 2 + own.length, event)
    // What is not read goes to the parser.
    if (!isRead) continue
    const found = isEvent && told(event)
    // Asked a hundred thousand times, `expect` alone would take most of the time.
    if (isDeepStrictEqual(found, told(parsed))) continue
    expect([own.toString('latin1'), found]).toEqual([own.toString('latin1'), told(parsed)])
  }
  return projection.shaped > before
}

const time = '"time":"2026-03-09T08:00:00.251Z"'

/** A line such as gateways send; `number` makes its values. */
function ordinary(number: number): string {
  return (
    `{"time":"2026-03-09T08:00:${String(10 + (number % 50))}.${String(100 + (number % 900))}Z","vantage":"edge","gateway":"edge-${number % 4}",` +
    `"trace":"t${number}","method":"${['GET', 'POST', 'put'][number % 3]}","host":"Shop.example:443","status":${200 + (number % 5)},` +
    `"latency_ms":${number},"bytes_in":${number * 7},"route":"/orders/{id}","path":"/orders/${number}","object":{"type":"order","id":"o-${number}"},` +
    `"client":{"ip":"203.0.113.${number % 256}","user_agent":"agent/${number}","ja4":"t13d_${number}"},` +
    `"principal":{"id":"user-${number}"},"token":{"jti":"j-${number}","aud":["api-${number}"],"exp":${1773043200 + number}}}`
  )
}

beforeEach(() => {
  projection = new CanonicalProjection({}, neededPlaces(wanted))
})

describe('lines of a known shape', () => {
  it('are read by it, once it shows which fields have many values', () => {
    for (let number = 0; number < 100; number++) expectAlike(ordinary(number))
    const before = projection.shaped
    for (let number = 1000; number < 1200; number++) expect(expectAlike(ordinary(number))).toBe(true)
    expect(projection.shaped).toBe(before + 400)
  })

  it('may have lists of few kinds, of one text or several, and ids of one character', () => {
    const audiences = ['["a"]', '["a","b"]', '[]', '["b","a"]', '["c"]']
    const line = (number: number) =>
      ordinary(number)
        .replace(/\["api-\d+"\]/, audiences[number % audiences.length] ?? '')
        .replace(/"o-\d+"/, `"${number % 10}"`)
    for (let number = 0; number < 200; number++) expectAlike(line(number))
    for (let number = 200; number < 400; number++) expect(expectAlike(line(number))).toBe(true)
    // Of many lists those of one text are looked up, and the others are read the long way.
    for (let number = 400; number < 600; number++) {
      const lists = [`["${number}"]`, `["a","${number}"]`]
      for (const list of lists) expectAlike(ordinary(number).replace(/\["api-\d+"\]/, list))
    }
    for (let number = 600; number < 800; number++) expect(expectAlike(ordinary(number))).toBe(true)
  })

  it('tell the same as the parser whichever byte is another, and wherever they are cut', () => {
    for (let number = 0; number < 200; number++) expectAlike(ordinary(number))
    const line = Buffer.from(ordinary(777))
    for (let at = 0; at < line.length; at++) {
      for (const byte of [
        0x00,
        0x20,
        0x22,
        0x2c,
        0x30,
        0x5c,
        0x5d,
        0x65,
        0x7b,
        0x7d,
        0xc3,
        (line[at] as number) ^ 1,
      ]) {
        const other = Buffer.from(line)
        other[at] = byte
        expectAlike(other)
      }
      expectAlike(line.subarray(0, at))
      expectAlike(line.subarray(0, at), '')
    }
    expect(expectAlike(line, '')).toBe(true)
  })

  it('tell the same as the parser with any value in any place, and any member twice', () => {
    for (let number = 0; number < 200; number++) expectAlike(ordinary(number))
    const line = ordinary(778)
    const values = [
      '""',
      '"-"',
      'null',
      'true',
      '0',
      '-0',
      '-5',
      '1.5',
      '1e3',
      '01',
      '9007199254740993',
      '12345678901234567890',
      '"\\u0041"',
      '"ü"',
      '"\t"',
      '[]',
      '["a"]',
      '["a","b"]',
      '["\\u0061"]',
      '{}',
      '{"ip":"192.0.2.1"}',
      '{"id":"x","id":"y"}',
      '[{"time":1}]',
      '"a","status":1,"x":"b"',
      '"a"},"client":{"ip":"192.0.2.9"',
    ]
    const members = [...line.matchAll(/"[\w.]+":("[^"]*"|\d+|\[[^\]]*\])/g)]
    for (const { 0: member, 1: value = '', index } of members) {
      const from = index + member.length - value.length
      for (const other of values) {
        expectAlike(line.slice(0, from) + other + line.slice(from + value.length))
        // It may have been learned.
        expectAlike(ordinary(779))
      }
      expectAlike(`${line.slice(0, index)}${member},${line.slice(index)}`)
      expectAlike(`{${member},${line.slice(1)}`)
      expectAlike(`${line.slice(0, -1)},${member}}`)
    }
    // What such lines use up of the credit for learning comes back.
    for (let number = 0; number < 400; number++) expectAlike(ordinary(number))
    expect(expectAlike(ordinary(780))).toBe(true)
  })

  it('have no field that is told in two spellings', () => {
    for (const members of [
      '"client.ip":"192.0.2.1","client":{"ip":"198.51.100.7"}',
      '"client":{"ip":"198.51.100.7"},"client.ip":"192.0.2.1"',
      '"client":{"ip":"198.51.100.7"},"client":{"ip":"192.0.2.1"}',
      '"client":{"ip":"no address"},"client.ip":"192.0.2.1"',
      '"client.ip":"192.0.2.1","client":{"ip":"no address"}',
      '"x":1,"x":"2","y":{"time":1},"y":[{"status":1}]',
      '"client":null,"client.ip":"192.0.2.1"',
      '"client":"{\\"ip\\":1}","client.ip":"192.0.2.1"',
    ]) {
      for (let again = 0; again < 40; again++) {
        expectAlike(`{${time},${members}}`)
        expectAlike(`{${time},${members.replace('192.0.2.1', `192.0.2.${again}`)}}`)
      }
    }
  })

  it('are forgotten when there are too many, and learned again', () => {
    for (let number = 0; number < 200; number++) expectAlike(ordinary(number))
    for (let shape = 0; shape < 6000; shape++) {
      expectAlike(
        `{${time},"k${shape}":"x","l":{"m":${shape}},"client":{"ip":"192.0.2.${shape % 256}","z${shape % 7}":[1]}}`,
      )
      for (let number = 0; number < 8; number++)
        projection.read(Buffer.from(`{${time}}`), 0, time.length + 2, event)
    }
    for (let number = 0; number < 200; number++) expectAlike(ordinary(number))
    expect(expectAlike(ordinary(300))).toBe(true)
  })
})

it('tells the same as the parser of lines made of a few parts, and of damaged ones', () => {
  const text = fc.constantFrom(
    '"a"',
    '"b"',
    '"GET"',
    '"/x"',
    '"/o/17?a=1"',
    '"203.0.113.7"',
    '"::1"',
    '"-"',
    '""',
    '"\\u0041"',
    '"é"',
  )
  const value = fc.oneof(
    { weight: 8, arbitrary: text },
    { weight: 4, arbitrary: fc.integer({ min: -2, max: 40 }).map(String) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        'null',
        'true',
        '1.5',
        '[]',
        '["a"]',
        '["a","b"]',
        '{}',
        '{"id":"a"}',
        '{"ip":"::1","ip":"::2"}',
        '1e2',
        '00',
      ),
    },
  )
  const keys = fc.constantFrom(
    'status',
    'method',
    'path',
    'route',
    'client.ip',
    'token.aud',
    'token.exp',
    'id',
    'x',
    'trace',
    'graphql.introspection',
  )
  const innerKeys = fc.constantFrom('ip', 'id', 'aud', 'exp', 'type', 'x')
  const members = (names: fc.Arbitrary<string>, values: fc.Arbitrary<string>, max: number) =>
    fc
      .array(fc.tuple(names, values, fc.constantFrom(':', ': ')), { maxLength: max })
      .map((all) => all.map(([name, own, colon]) => `"${name}"${colon}${own}`).join(','))
  const group = fc
    .tuple(fc.constantFrom('client', 'token', 'object', 'y'), members(innerKeys, value, 3))
    .map(([name, inner]) => `"${name}":{${inner}}`)
  const lines = fc
    .tuple(members(keys, value, 4), fc.option(group), fc.boolean())
    .map(
      ([flat, inner, isFirst]) =>
        `{${[...(isFirst ? [time] : []), ...(flat ? [flat] : []), ...(inner ? [inner] : []), ...(isFirst ? [] : [time])].join(',')}}`,
    )
  fc.assert(
    fc.property(fc.oneof(lines, damaged(lines)), (line) => void expectAlike(line)),
    { numRuns: runs, seed },
  )
  expect(projection.shaped).toBeGreaterThan(runs / 10)
})
