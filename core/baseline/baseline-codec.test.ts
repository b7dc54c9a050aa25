import { expect, it } from 'vitest'
import { emptyBaseline } from './baseline.ts'
import { parseBaseline, serializeBaseline } from './baseline-codec.ts'
import { buildBaseline } from './build-baseline.ts'

const buckets = Array.from({ length: 168 }, (_, hourOfWeek) => ({
  detector: 'd',
  version: 1,
  measure: 'failures',
  entity: 'route:/__proto__',
  hourOfWeek,
  value: 0.1 + hourOfWeek / 3,
  count: 30,
}))
const baseline = buildBaseline({ space: 's', lane: 'live', from: 1, to: 2 }, buckets)
const text = serializeBaseline(baseline)

it('comes back the same', () => {
  const back = parseBaseline(text, 'b.json')
  expect(back.snapshot).toEqual(baseline.snapshot)
  expect(back.digest).toBe(baseline.digest)
  expect(serializeBaseline(back)).toBe(text)
  const asked = { detector: 'd', version: 1, measure: 'failures', at: 0, floor: 0, k: 2 }
  const entity = { kind: 'route', id: '/__proto__' } as const
  expect(back.threshold({ ...asked, entity })).toEqual(baseline.threshold({ ...asked, entity }))
  expect(back.threshold({ ...asked, entity }).source).toBe('entity')
  expect(parseBaseline(serializeBaseline(emptyBaseline), 'e.json')).toBe(emptyBaseline)
})

it('refuses what it cannot trust, and says what to do', () => {
  const wrong: [string, RegExp][] = [
    ['{', /b\.json is not a baseline: .*JSON.*picket baseline build/s],
    ['null', /b\.json is not a baseline/],
    [
      text.replace('"version":1,"', '"version":9,"').replace(/"version":1}\n$/, '"version":9}'),
      /version 9.*reads version 1/,
    ],
    [text.replace('"samples":30', '"samples":31'), /damaged or was edited/],
    [text.replace('"samples":30', '"samples":"30"'), /not a baseline: .* at snapshot\.histories\.0/],
  ]
  for (const [damaged, message] of wrong) {
    expect(damaged).not.toBe(text)
    expect(() => parseBaseline(damaged, 'b.json')).toThrow(message)
  }
})
