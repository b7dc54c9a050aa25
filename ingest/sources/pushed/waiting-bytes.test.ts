import { expect, it } from 'vitest'
import { WaitingBytes } from './waiting-bytes.ts'

/** How much a sender may give in requests of 10, while nothing is released. */
function filled(waiting: WaitingBytes, sender: string): number {
  let bytes = 0
  while (!waiting.isFullFor(sender) && waiting.take(sender, 10, 0)) bytes += 10
  return bytes
}

it('one sender gets half of the room, others of what is left, and what is released is shared again', () => {
  const waiting = new WaitingBytes(1000)
  expect(filled(waiting, 'a')).toBe(500)
  expect(filled(waiting, 'b')).toBe(250)
  expect(filled(waiting, 'c')).toBe(120)
  expect(waiting.take('a', 10, 0)).toBe(false)
  waiting.release('a', 500)
  expect(filled(waiting, 'a')).toBe(310)
})

it('a request that is alone may take all the room, and be larger at once, but not grow beyond it', () => {
  const waiting = new WaitingBytes(1000)
  expect([waiting.take('a', 900, 0), waiting.take('a', 100, 900), waiting.take('a', 1, 1000)]).toEqual([
    true,
    true,
    false,
  ])
  waiting.release('a', 1000)
  expect(waiting.take('a', 5000, 0)).toBe(true)
  expect(waiting.isFullFor('b')).toBe(true)
})
