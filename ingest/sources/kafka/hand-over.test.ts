import { describe, expect, test } from 'vitest'
import { HandOver, takenWhileAlive } from './hand-over.ts'

const records = (next: number) => ({
  kind: 'records' as const,
  partition: 't:0',
  records: [{ bytes: new Uint8Array(1), start: 0, end: 1, offset: next - 1 }],
  next,
})

describe('HandOver', () => {
  test('keeps the order of news and records, and tells the giver when they were taken', async () => {
    const handOver = new HandOver()
    const reader = handOver.batches()
    handOver.tell({ kind: 'opened', partition: 't:0' })
    let isTaken: boolean | undefined
    const offer = handOver.offer(records(1))
    offer.taken.then((taken) => {
      isTaken = taken
    })
    expect((await reader.next()).value).toMatchObject({ kind: 'opened' })
    expect([handOver.isWaiting, isTaken]).toEqual([true, undefined])
    expect((await reader.next()).value).toMatchObject({ next: 1 })
    expect([handOver.isWaiting, await offer.taken]).toEqual([false, true])
  })

  test('wakes a reader that waits', async () => {
    const handOver = new HandOver()
    const reading = handOver.batches().next()
    await Promise.resolve()
    handOver.tell({ kind: 'idle', partition: 't:0' })
    expect((await reading).value).toMatchObject({ kind: 'idle' })
  })

  test('a failure comes after what was offered before', async () => {
    const handOver = new HandOver()
    handOver.offer(records(1))
    handOver.fail(new Error('away'))
    expect(await handOver.offer(records(2)).taken).toBe(false)
    const reader = handOver.batches()
    expect((await reader.next()).value).toMatchObject({ next: 1 })
    await expect(reader.next()).rejects.toThrow('away')
  })

  test('abandoned, it takes nothing and lets the giver go', async () => {
    const handOver = new HandOver()
    const offer = handOver.offer(records(1))
    handOver.abandon()
    expect(await offer.taken).toBe(false)
    expect((await handOver.batches().next()).done).toBe(true)
  })

  test('a failing heartbeat withdraws the offer, so that it is not given twice', async () => {
    const handOver = new HandOver()
    let beats = 0
    const heartbeat = async () => {
      if (++beats === 3) throw new Error('rebalancing')
    }
    const taken = takenWhileAlive(handOver.offer(records(1)), heartbeat, 5)
    await expect(taken).rejects.toThrow('rebalancing')
    expect(handOver.isWaiting).toBe(false)
    handOver.offer(records(2))
    expect((await handOver.batches().next()).value).toMatchObject({ next: 2 })
  })
})
