import { expect, it } from 'vitest'
import { UnreadCells } from './unread-cells.ts'

it('gives the bytes of a slot once, and lets go of a pack that nobody needs', () => {
  const unread = new UnreadCells()
  expect(unread.isEmpty).toBe(true)
  const without = unread.bytes
  unread.begin(Uint8Array.of(1, 2, 3, 4))
  unread.hold(3, 1, 3)
  unread.hold(900, 3, 4)
  unread.begin(new Uint8Array(100_000))
  unread.hold(5, 7, 9)
  expect([0, 3, 5, 900, 901, -1].map((slot) => unread.has(slot))).toEqual([
    false,
    true,
    true,
    true,
    false,
    false,
  ])
  const from = unread.take(3)
  expect([from?.uint(), from?.uint(), from?.done]).toEqual([2, 3, true])
  expect(unread.take(3)).toBeUndefined()
  expect(unread.take(900)?.uint()).toBe(4)
  unread.forget(5)
  unread.forget(5)
  expect(unread.isEmpty).toBe(true)
  unread.begin(new Uint8Array(1))
  unread.hold(900, 0, 1)
  unread.ended()
  expect(unread.bytes).toBeGreaterThan(without)
  unread.forget(900)
  expect(unread.bytes).toBe(without)
})

it('has a slot that was given back lie where it is held again', () => {
  const unread = new UnreadCells()
  unread.begin(Uint8Array.of(1))
  unread.hold(0, 0, 1)
  unread.forget(0)
  unread.begin(Uint8Array.of(2))
  unread.hold(0, 0, 1)
  expect(unread.take(0)?.uint()).toBe(2)
  expect(unread.isEmpty).toBe(true)
})
