import fc from 'fast-check'
import { expect, it } from 'vitest'
import { counter } from '../aggregates/counter.ts'
import { entityKinds } from '../entity/entity.ts'
import { publicHash } from '../hash/keyed-hash.ts'
import type { EntityRecord } from '../ports/state-store.ts'
import { EntityCursor } from './entity-cursor.ts'
import { EntityIndex } from './entity-index.ts'
import { packsOf } from './entity-pack.ts'
import { PackCursor } from './pack-cursor.ts'
import { TimedCells } from './timed-cells.ts'

const id = fc.oneof(
  fc.integer({ min: 0, max: 40 }).map((number) => `u-${number}`),
  fc.constantFrom('é', 'š', 'a b', '2001:db8::1'),
)
const record: fc.Arbitrary<EntityRecord> = fc.record({
  detector: fc.constant('one'),
  version: fc.constant(1),
  entity: fc
    .tuple(fc.integer({ min: -2, max: 9 }), fc.constantFrom(...entityKinds), id)
    .map(([index, kind, text]) => `p${index} ${kind}:${text}`),
  bytes: fc.option(fc.uint8Array({ maxLength: 9 }), { nil: undefined }),
})

it('gives what a plain cursor gives, however many records there are, while entities come and go', () => {
  fc.assert(
    fc.property(fc.array(record, { maxLength: 150 }), fc.infiniteStream(fc.nat(3)), (records, chances) => {
      const index = new EntityIndex(publicHash)
      const cells = new TimedCells({ seen: counter() }, publicHash, { keepsTimes: true, keeping: 'nothing' })
      for (const pack of packsOf(records)) {
        const plain = new PackCursor(pack)
        const cursor = new EntityCursor(pack, { index, cells })
        while (plain.next()) {
          expect(cursor.next()).toBe(true)
          expect(cursor.part).toEqual(plain.part)
          expect(cursor.reader?.length).toBe(plain.reader?.length)
          const { kind, id } = cursor.part as NonNullable<typeof cursor.part>
          expect(cursor.hash).toBe(index.hash(kind, id))
          const known = index.get(kind, id, cursor.hash)
          const chance = chances.next().value
          if (known === undefined) {
            const entity = index.add(kind, id, cursor.hash)
            cells.reserve(index.capacity)
            if (chance > 0) cells.open(entity, chance)
          } else if (chance === 0 && cells.newest(known) < 0) index.delete(known)
        }
        expect(cursor.next()).toBe(false)
      }
    }),
  )
})
