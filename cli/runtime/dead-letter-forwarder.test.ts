import { expect, it } from 'vitest'
import type { DeadLetter } from '../../core/event/refusal.ts'
import type { DeadLetterMessage } from '../../ingest/refusals/dead-letter-message.ts'
import { DeadLetterForwarder } from './dead-letter-forwarder.ts'

const letter = (offset: number): DeadLetter => ({
  position: { source: 'gateway', partition: 'access:3', offset },
  reason: 'not_parsable',
  detail: 'no JSON',
  raw: `line ${offset}`,
})

/** A state that holds the letters from `oldest` on, and a receiver that fails as often as told. */
function world({ kept = 3, oldest = 1, failures = 0, commitFails = false } = {}) {
  const sent: DeadLetterMessage[] = []
  const notices: string[] = []
  const marks = new Map<string, string>()
  const stop = new AbortController()
  let left = failures
  let slept = 0
  const start = () =>
    new DeadLetterForwarder({
      letters: {
        async after(seq, limit) {
          const numbers = Array.from({ length: kept }, (_, index) => oldest + index)
          return numbers
            .filter((one) => one > seq)
            .slice(0, limit)
            .map((one) => ({ seq: one, letter: letter(one) }))
        },
      },
      async send(messages) {
        if (left-- > 0) throw new Error('broker away')
        sent.push(...messages)
      },
      async commit(changes) {
        if (commitFails) throw new Error('disk full')
        for (const { key, value } of changes.marks ?? []) marks.set(key, value)
      },
      marks,
      clock: { now: () => Date.UTC(2026, 0, 5) },
      waits: {
        async sleep() {
          if (++slept > failures) stop.abort()
        },
        async turn() {},
      },
      onNotice: (text) => notices.push(text),
    })
  return { sent, notices, marks, stop, start }
}

const offsets = (messages: readonly DeadLetterMessage[]) =>
  messages.map(({ headers }) => Number(headers['picket-offset']))

it('sends what is stored, with its position as key and in headers, and goes on from there', async () => {
  const { sent, start, stop } = world()
  await start().run(stop.signal)
  expect(offsets(sent)).toEqual([1, 2, 3])
  expect(sent[0]).toEqual({
    key: 'gateway:access:3:1',
    value: 'line 1',
    headers: {
      'picket-reason': 'not_parsable',
      'picket-detail': 'no JSON',
      'picket-source': 'gateway',
      'picket-topic': 'access',
      'picket-partition': '3',
      'picket-offset': '1',
      'picket-time': '2026-01-05T00:00:00.000Z',
    },
  })
  await start().run(AbortSignal.abort())
  expect(sent).toHaveLength(3)
})

it('a receiver that is away is tried again, told once, and gets all of them', async () => {
  const { sent, start, stop, notices } = world({ failures: 3 })
  await start().run(stop.signal)
  expect(offsets(sent)).toEqual([1, 2, 3])
  expect(notices).toEqual(['dead letters wait: broker away'])
})

it('a crash between sending and marking sends again, under the same keys', async () => {
  const { sent, start } = world({ commitFails: true })
  await start().run(AbortSignal.abort())
  await start().run(AbortSignal.abort())
  expect(offsets(sent)).toEqual([1, 2, 3, 1, 2, 3])
  expect(new Set(sent.map(({ key }) => key)).size).toBe(3)
})

it('says how many were forgotten before they could be sent', async () => {
  const { sent, start, notices } = world({ oldest: 41 })
  await start().run(AbortSignal.abort())
  expect(offsets(sent)).toEqual([41, 42, 43])
  expect(notices).toEqual(['40 dead letters were forgotten before they could be sent'])
})

it('sends more than one batch, all of them before it stops', async () => {
  const { sent, start } = world({ kept: 1234 })
  await start().run(AbortSignal.abort())
  expect(sent).toHaveLength(1234)
})
