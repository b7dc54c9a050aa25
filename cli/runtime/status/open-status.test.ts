import { pino } from 'pino'
import { expect, it } from 'vitest'
import { Closers } from '../closers.ts'
import { openStatus } from './open-status.ts'

it('says that it stops also when it was told so before it began', async () => {
  const log = pino({ level: 'silent' })
  const clock = { now: () => 0 }
  const options = { config: { sources: [] }, clock, log, signal: AbortSignal.abort() }
  const status = await openStatus(options, new Closers(log))
  expect(status.readiness()).toEqual(['stopping'])
})
