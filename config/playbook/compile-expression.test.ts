import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { detectors } from '../testing/stand-ins.ts'
import { compileExpression } from './compile-expression.ts'
import { evidenceType } from './evidence-type.ts'

const evidence = new Map(detectors.map(({ id, evidence: schema }) => [id, evidenceType(schema)]))
const knowledge = {
  detectors: new Set(evidence.keys()),
  guarded: new Set<string>(),
  variables: new Map(),
}

/** The faulty pieces of the source, with what is said of each. */
function faults(source: string): readonly string[] {
  const { faults: found } = compileExpression(source, { evidence, steps: ['a'], knowledge, result: 'bool' })
  return found
    .toSorted((left, right) => left.start - right.start)
    .map(({ start, end, message }) => `${source.slice(start, end)}: ${message}`)
}

const unknown = (name: string) => `${name}: unknown variable: ${name}`
const jti = "finding.detector == 'jti-reuse'"

describe('every independent mistake of an expression is told', () => {
  it.each([
    [
      `${jti} && finding.score >= 'high' && fnding.x == 1`,
      ["finding.score >= 'high': the types do not fit: double >= string", unknown('fnding')],
    ],
    [
      `${jti} && foo == 1 && bar == 2 && size(3) > 1 && finding.evidence.nah`,
      [
        unknown('foo'),
        unknown('bar'),
        'size(3): no function takes this: size(int)',
        "finding.evidence.nah: evidence of jti-reuse has no 'nah'",
      ],
    ],
    [
      "finding.detectr == 'x' && finding.score >= 'high' && fnding.x == 1",
      [
        "finding.detectr: a finding has no 'detectr'",
        "finding.score >= 'high': the types do not fit: double >= string",
        unknown('fnding'),
      ],
    ],
    [
      "steps.zzz.status == 'failed' && steps.a.stauts == 'x' && now > 3",
      [
        "steps.zzz.status: no earlier step is called 'zzz'",
        "steps.a.stauts: a step has no 'stauts'",
        unknown('now'),
      ],
    ],
    ['(foo == 1) && (bar == 2 || !(size(b) > 1))', [unknown('foo'), unknown('bar'), unknown('b')]],
    [
      "foo ? finding.score > 'a' : bar",
      [unknown('foo'), "finding.score > 'a': the types do not fit: double > string", unknown('bar')],
    ],
    ["foo == ')(' && bar == '('", [unknown('foo'), unknown('bar')]],
    ['foo in [bar, 1]', [unknown('foo'), unknown('bar')]],
    ['foo.startsWith(bar)', [unknown('foo'), unknown('bar')]],
    [
      `${jti} && finding.evidence.places.exists(place, place > 3.0 && foo == place)`,
      ['place > 3.0: the types do not fit: string > double', unknown('foo')],
    ],
    [
      '3 && finding.score > 0.5 && "a"',
      ['3: gives int, not true or false', '"a": gives string, not true or false'],
    ],
    [
      `${jti} && finding.detector == 'webhook-skew' && foo`,
      [
        `${jti} && finding.detector == 'webhook-skew' && foo: no detector fits this condition`,
        unknown('foo'),
      ],
    ],
  ])('%s', (source, expected) => {
    expect(faults(source)).toEqual(expected)
  })

  it('whatever stands between them', () => {
    const sound = fc.constantFrom("finding.lane == 'live'", '(finding.score > 0.5)', "!(')' == finding.id)")
    const wrong = fc.constantFrom(
      'foo == 1',
      '(bar)',
      '!(size(3) > 1)',
      "(finding.score > '(')",
      'finding.scor > 1.0',
    )
    const parts = fc.array(
      fc.record({ text: fc.oneof(sound, wrong), and: fc.boolean(), nest: fc.boolean() }),
      {
        minLength: 1,
        maxLength: 8,
      },
    )
    const wrongs = ['foo', 'bar', 'size(3)', "'('", 'scor >']
    fc.assert(
      fc.property(parts, (list) => {
        const source = list.reduce((text, { text: part, and, nest }) => {
          const joined = text === '' ? part : `${text} ${and ? '&&' : '||'} ${part}`
          return nest ? `(${joined})` : joined
        }, '')
        const expected = list.filter(({ text }) => wrongs.some((piece) => text.includes(piece)))
        expect(faults(source)).toHaveLength(expected.length)
      }),
    )
  })
})

describe('one mistake is told once', () => {
  it.each([
    ["finding.scor > 'high'", "finding.scor: a finding has no 'scor'"],
    [
      "finding.detectr == 'jti-reuse' && size(finding.evidence.places) > 1",
      "finding.detectr: a finding has no 'detectr'",
    ],
    ['size(fnding.evidence.places[0]) > 1', unknown('fnding')],
    [`${jti} && finding.evidence.places.exists(place, place.a.b == foo.c)`, undefined],
    ['has(fnding.x)', unknown('fnding')],
    ['fnding.detector == "jti-reuse" && finding.evidence.subject == "a"', unknown('fnding')],
  ])('%s', (source, expected) => {
    const found = faults(source)
    if (expected === undefined) expect(found.at(-1)).toBe(unknown('foo'))
    else expect(found).toEqual([expected])
  })
})
