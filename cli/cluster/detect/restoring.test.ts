import { expect, it } from 'vitest'
import { packsOf } from '../../../core/engine/entity-pack.ts'
import { restoredInTurns } from './restoring.ts'

const packs = [1, 2, 3].flatMap((number) =>
  packsOf([{ detector: 'd', version: 1, entity: 'p1 ip:192.0.2.1', bytes: undefined }], number),
)

it('lets other work go between the packs', async () => {
  const seen: string[] = []
  const engine = { restore: ({ number }: { number: number }) => void seen.push(`pack ${number}`) }
  setImmediate(() => seen.push('other work'))
  expect(await restoredInTurns(engine, packs, () => false)).toBe(true)
  expect(seen).toEqual(['pack 1', 'other work', 'pack 2', 'pack 3'])
})

it('stops when the partition was given up meanwhile', async () => {
  const seen: number[] = []
  const engine = { restore: ({ number }: { number: number }) => void seen.push(number) }
  expect(await restoredInTurns(engine, packs, () => seen.length === 2)).toBe(false)
  expect(seen).toEqual([1, 2])
})
