import { expect, it } from 'vitest'
import { KeptTime } from './kept-time.ts'

const start = Date.UTC(2026, 2, 9, 10)
const minute = 60_000
/** Event time after the last event, of which a pane of a minute is open. */
const open = { greatest: start, watermark: start - 30_000, sealedAt: start + minute }

function silentSince(now: number): KeptTime {
  const kept = new KeptTime()
  kept.next(now, true, open)
  return kept
}

it('goes on with the clock while nothing comes', () => {
  expect(silentSince(start).next(start + 20_000, false, open)).toBe(start + 20_000)
})

it('goes no further than to where everything is sealed, however long the machine slept', () => {
  const kept = silentSince(start)
  expect(kept.next(start + 60 * minute, false, open)).toBe(open.sealedAt)
  expect(kept.next(start + 61 * minute, false, { ...open, watermark: open.sealedAt })).toBeUndefined()
})

it('takes the last step though it is a small one', () => {
  const nearly = { ...open, watermark: open.sealedAt - 1000 }
  expect(silentSince(start).next(start + 2 * minute, false, nearly)).toBe(open.sealedAt)
})

it('stays while something comes', () => {
  const kept = silentSince(start)
  expect(kept.next(start + 20_000, true, open)).toBeUndefined()
  // The clock of the silence begins anew.
  expect(kept.next(start + 24_000, false, open)).toBe(start + 4000)
})
