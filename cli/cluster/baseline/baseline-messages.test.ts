import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { type Baseline, createBaseline, emptyBaseline } from '../../../core/baseline/baseline.ts'
import { baselineDigest } from '../../../core/baseline/baseline-codec.ts'
import { BaselineRecords, baselineMessages } from './baseline-messages.ts'
import { FollowedBaseline } from './followed-baseline.ts'

/** Names that hardly compress, so that some thousands take more than one message. */
function baselineOf(names: number): Baseline {
  const snapshot = {
    space: 'default',
    lane: 'live',
    from: 0,
    to: 3_600_000,
    histories: Array.from({ length: names }, () => ({
      detector: 'd',
      version: 1,
      measure: 'count',
      of: `principal:${randomBytes(150).toString('base64')}`,
      all: { centre: 4, spread: 1, samples: 100 },
      hours: [],
    })),
  }
  return createBaseline(snapshot, baselineDigest(snapshot))
}

type Messages = Awaited<ReturnType<typeof baselineMessages>>

function give(records: BaselineRecords, messages: Messages): void {
  for (const { key, value } of messages) records.take(String(key), Buffer.from(value ?? ''))
}

it('is the newest one that is whole, however many messages it takes', async () => {
  const [large, small] = [baselineOf(6000), baselineOf(1)]
  const records = new BaselineRecords()
  expect(await records.read()).toBeUndefined()
  const messages = await baselineMessages(large)
  expect(messages.length).toBeGreaterThan(2)
  give(records, messages.slice(0, -1))
  expect(await records.read()).toBeUndefined()
  give(records, messages.slice(-1))
  expect((await records.read())?.snapshot).toEqual(large.snapshot)
  const next = await baselineMessages(small)
  give(records, next.slice(0, -1))
  expect(await records.read()).toBeUndefined()
  give(records, next.slice(-1))
  expect((await records.read())?.digest).toBe(small.digest)
  for (const pieces of [2 ** 32 - 1, 1e300, null]) {
    records.take('head', Buffer.from(JSON.stringify({ version: 1, pieces, sha256: '' })))
    expect(await records.read()).toBeUndefined()
  }
})

it('is followed: what changes it is told, what repeats it is not, and one that is unreadable changes nothing', async () => {
  const problems: string[] = []
  const options = { topic: 't', from: 0, until: 3, onProblem: (problem: string) => problems.push(problem) }
  const followed = new FollowedBaseline(options)
  let next = 0
  const take = (messages: Messages) => {
    next += messages.length
    return followed.take({ topic: 't', partition: 0, messages: messages as never, next, high: next })
  }
  const asRead = (messages: Messages) =>
    messages.map((one) => ({ ...one, value: Buffer.from(one.value ?? '') }))
  const [first, second] = [baselineOf(1), baselineOf(1)]
  await take(asRead(await baselineMessages(first)))
  expect(followed.inForce.baseline).toBe(emptyBaseline)
  const before = followed.inForce.changed
  await take(asRead(await baselineMessages(second)))
  await followed.isCurrent
  expect(followed.inForce.baseline.digest).toBe(second.digest)
  expect(before.aborted).toBe(true)
  const { changed } = followed.inForce
  await take(asRead(await baselineMessages(second)))
  await take([{ key: 'head', value: Buffer.from('{"version":9}') }])
  expect(problems).toEqual([expect.stringContaining('format 9')])
  expect(changed.aborted).toBe(false)
  expect(followed.inForce.baseline.digest).toBe(second.digest)
  const unreadable = new FollowedBaseline({ ...options, until: 1 })
  const head = { key: Buffer.from('head'), value: Buffer.from('{"version":9}') }
  await unreadable.take({ topic: 't', partition: 0, messages: [head] as never, next: 1, high: 1 })
  await expect(unreadable.isCurrent).rejects.toThrow('update this process')
})
