import { expect, it } from 'vitest'
import { fieldPairs } from './field-map.ts'

it.each([
  [{ 'principal.id': 'jwt.sub' }, [['jwt.sub', 'principal.id']]],
  [{ principal_id: 'sub' }, [['sub', 'principal.id']]],
  [{ 'principal.id': 'id' }, [['id', 'principal.id']]],
  [{ id: 'principal.id' }, [['id', 'principal.id']]],
  [{ rt: 'latency_ms' }, [['rt', 'latency_ms']]],
  [
    { latency_s: 'rt', 'token.jti': 0 },
    [
      ['rt', 'latency_s'],
      ['0', 'token.jti'],
    ],
  ],
  [
    ['latency_s', '-', 'token.jti'],
    [
      ['0', 'latency_s'],
      ['2', 'token.jti'],
    ],
  ],
  [undefined, []],
])('%j', (fields, pairs) => {
  expect(fieldPairs(fields)).toEqual(pairs)
})

it('names what is no field, and a near one', () => {
  expect(() => fieldPairs({ 'principal.jti': 'jti' })).toThrow('did you mean token.jti?')
  expect(() => fieldPairs(['nothing'])).toThrow('"nothing"')
})
