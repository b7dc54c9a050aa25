import { expect, it } from 'vitest'
import { examine, resultsAbout } from './examination.ts'

it('ends in time whatever hangs, keeps the order and makes of an error a failure', async () => {
  const { ok } = resultsAbout('quick')
  const results = await examine(
    [
      { about: 'hangs', examine: () => new Promise<never>(() => {}) },
      {
        about: 'throws',
        examine: () => {
          throw new Error('no such thing')
        },
      },
      { about: 'quick', examine: () => [ok('fine')] },
    ],
    50,
  )
  expect(results.map(({ level, about, message }) => [level, about, message])).toEqual([
    ['fail', 'hangs', 'no result within 0.05 s'],
    ['fail', 'throws', 'no such thing'],
    ['ok', 'quick', 'fine'],
  ])
})
