import { expect, it } from 'vitest'
import { CollectedPacks } from '../../../test/cluster/collected-packs.ts'
import { packKey } from './changelog/changelog-keys.ts'
import { Restoring } from './restoring.ts'

const keyOf = (number: number, piece = 0) =>
  packKey({ detector: 'd', version: 1, part: 'pane', number, piece })
const pack = (number: number, text = 'x') => ({ key: Buffer.from(keyOf(number)), value: Buffer.from(text) })
const older = (entity: string) => ({ key: Buffer.from(`entity d 1 ${entity}`), value: Buffer.of(1) })

function batch(
  next: number,
  ...messages: readonly { readonly key: Buffer; readonly value: Buffer | null }[]
) {
  const common = { timestamp: '0', attributes: 0, offset: '0', headers: {} }
  return { topic: 's', partition: 0, messages: messages.map((one) => ({ ...common, ...one })), next, high: 9 }
}

/** Restores into packs that tell what is done with them. */
function subject({ barrier = 5, isOver = (): boolean => false } = {}) {
  const seen: string[] = []
  const packs = new CollectedPacks()
  const engine: CollectedPacks['restore'] = (one) => {
    if (one.bytes.length === 0) throw new RangeError('no pack')
    seen.push(`pack ${one.number}`)
    return packs.restore(one)
  }
  const restoring = new Restoring({ engine: { restore: engine }, barrier, isOver: () => isOver() })
  return { seen, packs, restoring }
}

it('restores packs as they come, and is through behind the barrier', async () => {
  const { seen, restoring } = subject()
  expect(await restoring.take(batch(2, pack(1), pack(2)))).toBeUndefined()
  expect(await restoring.take(batch(5, pack(3)))).toBeUndefined()
  expect(seen.slice(0, 2)).toEqual(['pack 1', 'pack 2'])
  expect((await restoring.take(batch(6, pack(4))))?.kept.held).toEqual({ 'd 1': 4 })
  expect(seen).toEqual(['pack 1', 'pack 2', 'pack 3', 'pack 4'])
})

it('says at once where to read on, so that more is fetched while packs are restored', async () => {
  const { seen, restoring } = subject()
  const taking = restoring.take(batch(2, pack(1)))
  expect([restoring.next, seen]).toEqual([2, []])
  await taking
  const last = restoring.take(batch(6, pack(2)))
  expect(restoring.next).toBe(6)
  await last
  expect(seen).toEqual(['pack 1', 'pack 2'])
})

it('lets other work go between the packs, also between those of an older version', async () => {
  const { seen, restoring } = subject()
  // Those of the older version become one pack of another log.
  const taking = restoring.take(
    batch(6, pack(1), older('s1 ip:192.0.2.1'), older('s2 ip:192.0.2.1'), pack(2)),
  )
  setImmediate(() => {
    seen.push('other work')
    setImmediate(() => seen.push('other work'))
  })
  await taking
  expect(seen).toEqual(['pack 1', 'other work', 'pack 2', 'other work', 'pack 1'])
})

it('tells with the next batch of a pack that is no pack, or of another version', async () => {
  for (const [bad, text] of [
    [{ ...pack(7), key: Buffer.from('pack d 1 heap 7 0') }, /another version of Picket/],
    [pack(7, ''), /no pack/],
  ] as const) {
    const { restoring } = subject()
    await restoring.take(batch(2, pack(1), bad))
    await expect(restoring.take(batch(3, pack(2)))).rejects.toThrow(text)
    const last = subject().restoring
    await expect(last.take(batch(6, bad))).rejects.toThrow(text)
  }
})

it('stops when the partition was given up meanwhile, also where nothing was restored yet', async () => {
  const given = subject({ barrier: 2, isOver: () => given.seen.length === 2 })
  await given.restoring.take(batch(2, pack(1)))
  expect(await given.restoring.take(batch(3, pack(2), pack(3)))).toBeUndefined()
  expect(given.seen).toEqual(['pack 1', 'pack 2'])
  const old = subject({ barrier: 2, isOver: () => old.seen.length === 1 })
  expect(
    await old.restoring.take(batch(3, older('p1 ip:192.0.2.1'), older('s1 ip:192.0.2.1'), pack(3))),
  ).toBeUndefined()
  expect(old.seen).toEqual(['pack 1'])
})
