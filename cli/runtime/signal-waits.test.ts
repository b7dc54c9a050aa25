import { setImmediate as turn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { aborted } from './signal-waits.ts'

const isOver = (wait: Promise<void>) => Promise.race([wait.then(() => true), turn(false)])

it('waits for a signal that aborts, and not for one that has', async () => {
  const stop = new AbortController()
  const wait = aborted(stop.signal)
  expect(await isOver(wait)).toBe(false)
  stop.abort()
  expect(await isOver(wait)).toBe(true)
  expect(await isOver(aborted(stop.signal))).toBe(true)
  expect(await isOver(aborted(AbortSignal.any([stop.signal])))).toBe(true)
})
