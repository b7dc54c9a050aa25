import { expect, it } from 'vitest'
import { BoundedCache } from './bounded-cache.ts'
import { cutText, ownText } from './own-text.ts'

it('holds at most twice its size, and keeps what is used', () => {
  const cache = new BoundedCache<number>(10)
  cache.set('used', 0)
  for (let index = 1; index <= 1000; index++) {
    cache.set(`once-${index}`, index)
    expect(cache.get('used')).toBe(0)
    expect(cache.size).toBeLessThanOrEqual(20)
  }
  expect(cache.get('once-1')).toBeUndefined()
  expect(cache.get('once-1000')).toBe(1000)
})

it('copies and cuts texts to well-formed ones', () => {
  expect(ownText('a longer text than thirteen')).toBe('a longer text than thirteen')
  expect(ownText('\ud800')).toBe('\ufffd')
  expect(cutText('abc😀', 4)).toBe('abc\ufffd')
  expect(cutText('abc😀', 5)).toBe('abc😀')
})
