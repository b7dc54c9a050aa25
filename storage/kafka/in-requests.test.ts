import { expect, it } from 'vitest'
import { inRequests } from './in-requests.ts'

it('cuts what is too much for one batch of a partition, in order, and leaves the rest together', () => {
  const big = Buffer.alloc(75_000)
  const messages = [0, 1, 2, 3, 4].map((key) => ({ key: String(key), value: big, partition: 0 }))
  const requests = inRequests([
    { topic: 'a', messages: [...messages, { key: 'other', value: 'x', partition: 1 }] },
    { topic: 'b', messages: [{ key: 'b', value: null, partition: 0 }] },
  ])
  const keys = requests.map((topics) =>
    topics.map(({ topic, messages }) => [topic, messages.map(({ key }) => key)]),
  )
  expect(keys).toEqual([
    [
      ['a', ['0', '1', 'other']],
      ['b', ['b']],
    ],
    [['a', ['2', '3']]],
    [['a', ['4']]],
  ])
})
