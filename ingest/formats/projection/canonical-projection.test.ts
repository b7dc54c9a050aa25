import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Decoded } from '../../../core/event/decoder.ts'
import { type EventField, eventFieldNames } from '../../../core/event/event-fields.ts'
import { EventRecord } from '../../../core/event/event-record.ts'
import { canonical, parser } from '../canonical/canonical.ts'
import { CanonicalProjection } from './canonical-projection.ts'

const parse = parser({})

/** What an outcome tells of the wanted fields; absent and undefined are the same. */
function told(decoded: Decoded, wanted: ReadonlySet<EventField>): unknown {
  if (decoded.outcome !== 'event') return decoded
  const { event } = decoded
  const fields = eventFieldNames.filter((name) => name === 'time' || wanted.has(name))
  return fields.flatMap((name) => (event[name] === undefined ? [] : [[name, event[name]]]))
}

function expectAlike(
  line: Uint8Array,
  wanted: ReadonlySet<EventField>,
  text = Buffer.from(line).toString(),
): void {
  const decode = canonical.open({}, wanted)
  const expected = told(parse(line), wanted)
  expect([text, told(decode(line), wanted)]).toEqual([text, expected])
}

const wantedSets = fc
  .oneof(fc.constant([...eventFieldNames]), fc.subarray([...eventFieldNames]))
  .map((names) => new Set<EventField>(names))

/** A piece of JSON text, valid or not. */
const oddities = [
  '""',
  '"-"',
  'null',
  'true',
  'false',
  '0',
  '-0',
  '-1',
  '1.5',
  '1e3',
  '1E+2',
  '01',
  '+1',
  '.5',
  '1.',
  '1e',
  '0x10',
  '9007199254740993',
  '123456789012345678901234567890',
  '1e400',
  '-1e-400',
  '"\\u0041"',
  '"\\ud83d\\ude00"',
  '"\\ud83d"',
  '"\\x41"',
  '"tab\there"',
  '"ünï"',
  '"\\"quoted\\""',
  '"a\\/b"',
  '[]',
  '{}',
  '["a","b"]',
  '["a",1]',
  '[["a"]]',
  '{"ip":"192.0.2.1"}',
  '{"id":7,"id":8}',
  '{"__proto__":{"x":1}}',
  'NaN',
  'Infinity',
  'undefined',
  '"open',
  '[1,]',
  '{"a":1,}',
  '{"a"}',
  '"GET"',
  '"get"',
  '"Edge"',
  '"2026-03-09T08:00:00.251Z"',
  '"2026-03-09T08:00:00Z"',
  '"2026-03-09T08:00:00.1234567Z"',
  '"2026-02-30T08:00:00Z"',
  '"2026-03-09T24:00:00Z"',
  '"2026-03-09T08:00:60Z"',
  '"2026-03-09T08:00:00+02:00"',
  '"2026-03-09t08:00:00z"',
  '1773043200000',
  '"1773043200000"',
  '1773043200',
  '-5',
  '"/orders/17?id=3#x"',
  '"/orders/17"',
  '"https://shop.example:443/orders/17"',
  '"203.0.113.7:443"',
  '"::ffff:1.2.3.4"',
] as const
const names = [
  ...eventFieldNames,
  'client',
  'principal',
  'token',
  'object',
  'unknown',
  '__proto__',
  'cl\\u0069ent',
  'ïd',
]
const value = fc.oneof(
  fc.constantFrom(...oddities),
  fc.jsonValue({ maxDepth: 3 }).map((one) => JSON.stringify(one)),
  fc.string({ maxLength: 12 }).map((one) => JSON.stringify(one)),
)
const nested = fc
  .array(fc.tuple(fc.constantFrom('ip', 'id', 'jti', 'aud', 'tenant', 'roles', 'zz'), value), {
    maxLength: 3,
  })
  .map((members) => `{${members.map(([key, one]) => `"${key}":${one}`).join(', ')}}`)
const member = fc
  .tuple(fc.constantFrom(...names), fc.oneof(value, nested))
  .map(([key, one]) => `"${key}":${one}`)
const space = fc.constantFrom('', ' ', '\t', '\r\n', '\u00a0')
const line = fc
  .tuple(fc.array(member, { maxLength: 8 }), space, fc.boolean(), fc.constantFrom('', '\ufeff', ' '), space)
  .map(([members, gap, timed, before, after]) => {
    const all = timed ? ['"time":1773043200000', ...members] : members
    return `${before}{${gap}${all.join(`,${gap}`)}${gap}}${after}`
  })

describe('a projection', () => {
  it('tells the same as JSON.parse of generated lines, whatever is wanted', () => {
    fc.assert(
      fc.property(line, wantedSets, (text, wanted) => expectAlike(Buffer.from(text), wanted)),
      { numRuns: 4000 },
    )
  })

  it('tells the same of lines with a byte changed, taken out or put in', () => {
    fc.assert(
      fc.property(
        line,
        wantedSets,
        fc.nat(),
        fc.nat(255),
        fc.constantFrom(0, 1, 2),
        (text, wanted, at, code, how) => {
          const bytes = [...Buffer.from(text)]
          bytes.splice(at % (bytes.length + 1), how === 2 ? 0 : 1, ...(how === 1 ? [] : [code]))
          expectAlike(Uint8Array.from(bytes), wanted)
        },
      ),
      { numRuns: 4000 },
    )
  })

  const ordinary =
    '{"time":"2026-03-09T08:00:00.251Z","kind":"http","vantage":"edge","method":"GET","path":"/orders/17","status":200,' +
    '"latency_ms":12.5,"client.ip":"203.0.113.7","principal":{"id":"ann","roles":["admin"]},"token.aud":["a","b"],"x":{"y":[1]}}'

  it('tells the same of a line cut at any byte', () => {
    const wanted = new Set(eventFieldNames)
    for (let length = 0; length <= ordinary.length; length++) {
      expectAlike(Buffer.from(ordinary.slice(0, length)), wanted)
    }
  })

  it.each(['client', 'principal', 'unknown', 'path', 'client":{"ip'])(
    'counts nesting under %s as JSON.parse does',
    (key) => {
      const closing = key.includes('{') ? '}' : ''
      for (let deep = 28; deep <= 36; deep++) {
        for (const [open, close] of ['[]', '{}'].map((pair) => [pair[0] ?? '', pair[1] ?? ''] as const)) {
          const nest =
            open === '[' ? '['.repeat(deep) + ']'.repeat(deep) : '{"x":'.repeat(deep) + '1' + '}'.repeat(deep)
          const text = `{"time":1773043200000,"${key}":{"x":${nest}}${closing}}`
          expectAlike(Buffer.from(text), new Set(eventFieldNames), `${key} ${deep} ${open}${close}`)
        }
      }
    },
  )

  it('reads ordinary lines itself, so that the tests above are not about JSON.parse alone', () => {
    const record = new EventRecord()
    const projection = new CanonicalProjection(new Set(eventFieldNames))
    expect(projection.read(Buffer.from(ordinary), record)).toBe(true)
    expect(record).toMatchObject({
      time: Date.UTC(2026, 2, 9, 8, 0, 0, 251),
      path: '/orders/17',
      status: 200,
      latency_ms: 12.5,
      'principal.id': 'ann',
      'token.aud': ['a', 'b'],
    })
  })

  it.each([
    [
      'a field told in two ways',
      '{"time":1773043200000,"client.ip":"192.0.2.1","client":{"ip":"192.0.2.2"}}',
    ],
    ['a group told twice', '{"time":1773043200000,"client":{"ip":"192.0.2.1"},"client":{}}'],
    ['an escape in a key', '{"time":1773043200000,"clie\\u006et.ip":"192.0.2.1"}'],
    ['an escape in a value', '{"time":1773043200000,"path":"/\\u0061"}'],
  ])('leaves %s to JSON.parse', (_what, text) => {
    expect(new CanonicalProjection(new Set(eventFieldNames)).read(Buffer.from(text), new EventRecord())).toBe(
      false,
    )
    expectAlike(Buffer.from(text), new Set(eventFieldNames))
  })

  it('makes nothing that nobody wants', () => {
    const record = new EventRecord()
    new CanonicalProjection(new Set<EventField>(['status'])).read(Buffer.from(ordinary), record)
    const filled = Object.entries(record).filter(([, one]) => one !== undefined)
    expect(filled.map(([name]) => name)).toEqual(['time', 'status'])
  })
})
