import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Decode, Decoded } from '../../../core/event/decoder.ts'
import { type EventField, eventFieldNames } from '../../../core/event/event-fields.ts'
import { EventRecord } from '../../../core/event/event-record.ts'
import { damaged } from '../../../test/formats/hostile-json.ts'
import { subjects } from '../../../test/formats/projection-subjects.ts'
import { openFormat } from '../format-options.ts'
import { lineBytesMax } from '../limits.ts'

/** More, and another seed, for a longer run by hand. */
const runs = Number(process.env.PICKET_FUZZ_RUNS ?? 2500)
const seed = Number(process.env.PICKET_FUZZ_SEED ?? 1)

/** What stands before and behind a line in its buffer, for readers that look too far. */
const surroundings: readonly (readonly [before: string, behind: string])[] = [
  ['', ''],
  ['{"time":1,', '\n{"time":"2026-03-09T08:00:00.251Z","status":500}\n                    '],
  ['x', '\r\nxxxxxxxxxxxxxxxxxxxxxxxxxxxx'],
  ['"', '","status":500,"path":"/behind","x":"yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"}'],
  ['', '}'],
]

/** What an outcome tells of the wanted fields. */
function told(decoded: Decoded, event: EventRecord, wanted: ReadonlySet<EventField>): unknown {
  if (decoded !== 'event') return decoded
  return eventFieldNames.flatMap((name) =>
    event[name] !== undefined && (name === 'time' || wanted.has(name)) ? [[name, event[name]]] : [],
  )
}

describe.each(subjects)('$format $options', ({ format, options, parse, lines, ordinary, timeKey: time }) => {
  const all = new Set(eventFieldNames)
  // Decoders live as long as the test, as they do in a process: what they remember and predict is part of it.
  const decoders = new Map<string, Decode>()
  const counts = { projected: 0, parsed: 0 }
  const wantedSets = fc
    .integer({ min: 0, max: 5 })
    .map(
      (kind) =>
        new Set(
          kind === 0 ? all : eventFieldNames.filter((_, index) => (index * 7919 + kind * 31) % 3 === 0),
        ),
    )
  const places = fc.constantFrom(...surroundings)
  const event = new EventRecord()

  function expectAlike(
    line: Uint8Array,
    wanted: ReadonlySet<EventField>,
    [before, behind] = surroundings[0] ?? ['', ''],
  ): void {
    const key = [...wanted].join(' ')
    const decode = decoders.get(key) ?? openFormat(format, options, wanted, counts)
    decoders.set(key, decode)
    const bytes = Buffer.concat([Buffer.from(before), line, Buffer.from(behind)])
    const start = Buffer.byteLength(before)
    const parsed = new EventRecord()
    const expected = told(parse(line, parsed), parsed, wanted)
    const found = told(decode(bytes, start, start + line.length, event), event, wanted)
    expect([Buffer.from(line).toString('latin1'), found]).toEqual([
      Buffer.from(line).toString('latin1'),
      expected,
    ])
  }

  it('tells the same as the parser, whatever is wanted', () => {
    const property = fc.property(lines, wantedSets, places, (line, wanted, place) => {
      expectAlike(Buffer.from(line), wanted, place)
    })
    fc.assert(property, { numRuns: runs, seed })
    // The lines must not all be the parser's own.
    expect(counts.projected).toBeGreaterThan(runs / 6)
  })

  it('tells the same of damaged lines', () => {
    const property = fc.property(
      damaged(fc.oneof(lines, fc.constant(ordinary))),
      wantedSets,
      places,
      expectAlike,
    )
    fc.assert(property, { numRuns: runs, seed })
  })

  it('tells the same of a line cut at any byte, at the buffer’s end and before other lines', () => {
    const bytes = Buffer.from(ordinary)
    for (let length = 0; length <= bytes.length; length++) {
      for (const place of surroundings) expectAlike(bytes.subarray(0, length), all, place)
    }
  })

  it('tells the same of lines that tell a thing in two ways, and of the last hour of all', () => {
    for (const members of [
      '"client":{"id":"a\\u0062"},"client.id":"later"',
      '"client.id":"a\\u0062","client":{"id":"later"}',
      '"client.ip":1,"client":{"ip":"203.0.113.7"}',
      '"principal":{"id":7},"principal.id":"later"',
      '"token":{"aud":["a","b"]},"token.aud":["later"]',
      '"token":{"aud":["a","b"]},"token.aud":"later"',
      '"token.aud":"earlier","token":{"aud":[]}',
      '"jwt_claims":"\\u007b\\"sub\\":\\"ann\\"}"',
      '"jwt_claims":" {}","jwt":"{\\"sub\\":\\"ann\\"}"',
    ]) {
      for (let again = 0; again < 2; again++) {
        expectAlike(Buffer.from(`{"${time}":1773043200000,${members}}`), all, surroundings[1])
      }
    }
    for (const zone of ['Z', '+00:01', '-00:01', '-23:59']) {
      expectAlike(Buffer.from(`{"${time}":"9999-12-31T23:59:59.999${zone}"}`), all)
    }
  })

  it('counts nesting as the parser does', () => {
    for (const key of [
      'client',
      'principal',
      'unknown',
      'path',
      'jwt',
      'a',
      'authz',
      'client":{"ip',
      'jwt":{"p',
    ]) {
      const end = key.includes('{') ? '}' : ''
      for (let deep = 28; deep <= 36; deep++) {
        for (const [open, close] of [
          ['[', ']'],
          ['{"x":', '}'],
        ] as const) {
          const nest = `${open.repeat(deep)}1${close.repeat(deep)}`
          expectAlike(Buffer.from(`{"${time}":1773043200000,"${key}":{"x":${nest}}${end}}`), all)
        }
      }
    }
  })

  it('tells the same of long lines', () => {
    const body = Buffer.from(ordinary)
    for (const length of [lineBytesMax - 1, lineBytesMax, lineBytesMax + 1]) {
      const padded = Buffer.concat([body, Buffer.alloc(length - body.length, ' ')])
      for (const place of surroundings) expectAlike(padded, all, place)
    }
  })

  it('reads ordinary lines itself, so that the tests above are not about the parser alone', () => {
    // Keys that were made up, above and here, take the room of others for a line at most.
    for (let index = 0; index < 3000; index++) {
      expectAlike(Buffer.from(`{"k${index}":1,"jwt":{"c${index}":{"x":1}}}`), all)
    }
    for (const wanted of [all, new Set<EventField>(['status'])]) {
      for (let again = 0; again < 2; again++) expectAlike(Buffer.from(ordinary), wanted)
    }
    const before = { ...counts }
    for (const [at, byte] of [...Buffer.from(ordinary)].entries()) {
      // Another digit changes what the line tells, and nothing of its shape.
      if (byte < 0x32 || byte > 0x37) continue
      const line = Buffer.from(ordinary)
      line[at] = byte + 1
      // Of another class, say: then it is no ordinary line.
      if (parse(line, new EventRecord()) !== 'event') continue
      expectAlike(line, all, surroundings[1])
    }
    expectAlike(Buffer.from(ordinary), new Set(['status']), surroundings[1])
    expect(counts.parsed).toBe(before.parsed)
    expect(counts.projected).toBeGreaterThan(before.projected + 5)
  })
})
