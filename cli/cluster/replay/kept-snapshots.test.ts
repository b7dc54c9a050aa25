import type { Message } from 'kafkajs'
import { expect, it } from 'vitest'
import { serializeBaseline } from '../../../core/baseline/baseline-codec.ts'
import { buildBaseline } from '../../../core/baseline/build-baseline.ts'
import { baselineMessages } from '../baseline/baseline-messages.ts'
import { KeptSnapshots, keptBaseline } from './kept-snapshots.ts'

const built = (to: number) => buildBaseline({ space: 'default', lane: 'live', from: 0, to }, [])
const [before, now] = [built(3_600_000), built(7_200_000)]
const manifestOf = (baseline: string) => JSON.stringify({ manifest: { baseline }, settings: {} })

function each(messages: readonly Message[], take: (key: string, value: Buffer) => void): void {
  for (const { key, value } of messages) take(String(key), Buffer.from(value as Buffer))
}

it('keeps texts by digest, and every baseline that was in force', async () => {
  const kept = new KeptSnapshots()
  kept.take('m1:a', Buffer.from(manifestOf(before.digest)))
  kept.take('m1:b', Buffer.from(manifestOf(now.digest)))
  kept.take('m1:c', Buffer.from(manifestOf('none')))
  kept.take('s1:a', Buffer.from('[]'))
  for (const baseline of [before, now])
    each(keptBaseline(baseline.digest, await baselineMessages(baseline)), (key, value) =>
      kept.take(key, value),
    )
  const texts = await kept.read(['m1:a', 'm1:b', 'm1:c', 'm1:unknown'])
  expect([...texts.keys()]).toEqual(['m1:a', 'm1:b', 'm1:c', 's1:a', before.digest, now.digest])
  expect(texts.get(before.digest)).toBe(serializeBaseline(before))
  // Not unpacked where nobody asks for it.
  expect((await kept.read(['m1:b'])).has(before.digest)).toBe(false)
})

it('knows the baseline in force that an older Picket has published', async () => {
  const kept = new KeptSnapshots()
  kept.take('m1:a', Buffer.from(manifestOf(before.digest)))
  kept.take('m1:b', Buffer.from(manifestOf(now.digest)))
  each(await baselineMessages(now), (key, value) => kept.takeInForce(key, value))
  const texts = await kept.read(['m1:a', 'm1:b'])
  expect([texts.has(before.digest), texts.get(now.digest)]).toEqual([false, serializeBaseline(now)])
})
