import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { interleave } from './interleave.ts'
import { type MergeInput, mergeByTime } from './merge-by-time.ts'

interface Item {
  readonly time: number
  readonly partition: number
  readonly index: number
}
type Input = MergeInput<Item, string>

async function collect(partitions: AsyncIterable<Input>[]): Promise<{ items: Item[]; news: string[] }> {
  const merged = { items: [] as Item[], news: [] as string[] }
  for await (const { items, news } of mergeByTime(partitions)) {
    merged.items.push(...items)
    if (news !== undefined) merged.news.push(`${news} after ${merged.items.length}`)
  }
  return merged
}

/** A partition of batches of times, each answered after the given delay. */
async function* partition(
  number: number,
  batches: readonly (readonly number[])[],
  delays: readonly number[] = [],
) {
  let index = 0
  for (const [at, times] of batches.entries()) {
    if (delays.length > 0) await sleep(delays[at % delays.length])
    yield { items: times.map((time) => ({ time, partition: number, index: index++ })) } satisfies Input
  }
}

describe('mergeByTime', () => {
  test('takes the smallest head, and of equal ones the first partition', async () => {
    const { items } = await collect([partition(0, [[1, 5, 5], [9]]), partition(1, [[2, 5], [], [6, 10]])])
    expect(items.map(({ time, partition }) => `${time}/${partition}`)).toEqual(
      '1/0 2/1 5/0 5/0 5/1 6/1 9/0 10/1'.split(' '),
    )
  })

  test('keeps the order of a partition that is not quite by time', async () => {
    const { items } = await collect([partition(0, [[3, 1, 4]]), partition(1, [[2, 5]])])
    expect(items.map(({ time }) => time)).toEqual([2, 3, 1, 4, 5])
  })

  test('gives each item once, the same whatever the batches and delays', async () => {
    const batches = fc.array(fc.array(fc.nat(50), { maxLength: 6 }), { maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(
        fc.array(batches, { maxLength: 5 }),
        fc.array(fc.nat(3), { minLength: 1 }),
        async (all, delays) => {
          const sorted = all.map((partition) =>
            partition.map((times) => times.toSorted((left, right) => left - right)),
          )
          const delayed = sorted.map((batches, number) => partition(number, batches, delays))
          const whole = sorted.map((batches, number) => partition(number, [batches.flat()]))
          const { items } = await collect(delayed)
          expect(items).toEqual((await collect(whole)).items)
          expect(items).toHaveLength(all.flat(2).length)
        },
      ),
      { numRuns: 60 },
    )
  })

  test('gives all of many items of one partition', async () => {
    const times = Array.from({ length: 10_000 }, (_, index) => index)
    expect((await collect([partition(0, [times])])).items).toHaveLength(10_000)
  })

  test('does not wait for an idle partition, and takes it in again', async () => {
    let wake = () => {}
    const woken = new Promise<void>((resolve) => {
      wake = resolve
    })
    async function* quiet(): AsyncGenerator<Input> {
      yield { items: [], news: 'idle', isIdle: true }
      await woken
      yield { items: [{ time: 1, partition: 0, index: 0 }], news: 'records' }
      yield { items: [], news: 'idle', isIdle: true }
    }
    async function* busy(): AsyncGenerator<Input> {
      for (let index = 0; index < 10; index++) {
        if (index === 5) wake()
        yield { items: [{ time: index + 10, partition: 1, index }] }
      }
    }
    const { items, news } = await collect([quiet(), busy()])
    expect(items).toHaveLength(11)
    expect(items.at(-1)?.time).toBe(19)
    expect(news).toHaveLength(3)
    expect(news[0]).toBe('idle after 0')
  })

  test('news come after the items that they belong to, and before any later ones', async () => {
    async function* first(): AsyncGenerator<Input> {
      yield { items: [], news: 'opened' }
      yield { items: [1, 3].map((time, index) => ({ time, partition: 0, index })), news: 'next=2' }
      yield { items: [], news: 'ended' }
    }
    const { news, items } = await collect([first(), partition(1, [[2, 4]])])
    expect(news).toEqual(['opened after 0', 'next=2 after 3', 'ended after 3'])
    expect(items).toHaveLength(4)
  })

  test('an error comes after what was read before it, and closes the others', async () => {
    let isClosed = false
    async function* failing(): AsyncGenerator<Input> {
      yield* partition(0, [[1]])
      throw new Error('unreadable')
    }
    async function* other(): AsyncGenerator<Input> {
      try {
        yield* partition(1, [[2], [3]])
      } finally {
        isClosed = true
      }
    }
    const times: number[] = []
    const merging = async () => {
      for await (const { items } of mergeByTime([failing(), other()]))
        times.push(...items.map((item) => item.time))
    }
    await expect(merging()).rejects.toThrow('unreadable')
    expect([times, isClosed]).toEqual([[1], true])
  })

  test('closing does not wait for a partition that never answers', async () => {
    async function* stuck(): AsyncGenerator<Input> {
      yield { items: [], isIdle: true }
      await new Promise(() => {})
    }
    for await (const { items } of mergeByTime([stuck(), partition(1, [[1], [2]])])) {
      expect(items).toHaveLength(1)
      break
    }
  })
})

describe('interleave', () => {
  test('gives the first of each before the second of any, asks nobody early, and lets the quick go on', async () => {
    const asked = [0, 0]
    async function* counted(number: number, delayMs: number) {
      for (let index = 0; index < 3; index++) {
        asked[number] = index + 1
        await sleep(delayMs)
        yield `${number}/${index}`
      }
    }
    const order: string[] = []
    for await (const value of interleave([counted(0, 60), counted(1, 1)])) {
      if (order.length === 0) expect(asked).toEqual([1, 0])
      order.push(value)
    }
    expect(order.slice(0, 4)).toEqual(['0/0', '1/0', '1/1', '1/2'])
    expect(order).toHaveLength(6)
  })
})
