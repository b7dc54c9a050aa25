import { expect, it } from 'vitest'
import { entityKinds } from '../entity/entity.ts'
import { publicHash } from '../hash/keyed-hash.ts'
import { EntityIndex } from './entity-index.ts'

it('tells the same id of two kinds apart, and refuses a kind that it does not know', () => {
  const index = new EntityIndex(publicHash)
  for (const kind of entityKinds) index.add(kind, 'a', index.hash(kind, 'a'))
  expect(entityKinds.map((kind) => index.get(kind, 'a'))).toEqual([...entityKinds.keys()])
  expect(entityKinds.map((_, number) => index.entity(number))).toEqual(
    entityKinds.map((kind) => ({ kind, id: 'a' })),
  )
  expect(() => index.get('planet' as never, 'a')).toThrow("no entities of kind 'planet'")
})
