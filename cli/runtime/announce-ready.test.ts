import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, vi } from 'vitest'
import { announceReady } from './announce-ready.ts'

function announced(sources: readonly string[], patienceMs: number) {
  const said: unknown[][] = []
  const say = (...args: unknown[]) => void said.push(args)
  const log = { info: say, warn: say }
  const stop = new AbortController()
  return { opened: announceReady({ sources, log, signal: stop.signal, patienceMs }), said, stop }
}

it('is ready once every source is open', () => {
  const { opened, said } = announced(['gateway', 'log'], 1e9)
  opened('log')
  opened('log')
  expect(said).toEqual([])
  opened('gateway')
  opened('gateway')
  expect(said).toEqual([[{ open: ['log', 'gateway'], opening: [] }, 'ready']])
})

it('does not wait for ever, and tells of those that come later', async () => {
  const { opened, said } = announced(['gateway', 'log'], 1)
  opened('log')
  await vi.waitFor(() => expect(said).toEqual([[{ open: ['log'], opening: ['gateway'] }, 'ready']]), {
    timeout: 20_000,
  })
  opened('gateway')
  expect(said.slice(1)).toEqual([[{ source: 'gateway' }, 'source open']])
})

it('is not ready while nothing is open, says what it waits for, and is ready with the first', async () => {
  const { opened, said } = announced(['gateway', 'log'], 1)
  const waits = [{ opening: ['gateway', 'log'] }, 'no source is open yet; waiting for these']
  await vi.waitFor(() => expect(said).toEqual([waits]), { timeout: 20_000 })
  opened('log')
  opened('gateway')
  expect(said.slice(1)).toEqual([
    [{ open: ['log'], opening: ['gateway'] }, 'ready'],
    [{ source: 'gateway' }, 'source open'],
  ])
})

it('is silent when the run stops before', async () => {
  const { said, stop } = announced(['gateway'], 1)
  stop.abort()
  await sleep(20)
  expect(said).toEqual([])
})
