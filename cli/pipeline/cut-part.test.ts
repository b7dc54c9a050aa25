import { expect, it } from 'vitest'
import { cutPart } from './cut-part.ts'
import type { IntakePart, News } from './intake.ts'
import type { Located } from './partition-lane.ts'

const news = { kind: 'read' } as News

function part(...times: readonly number[]): IntakePart {
  return { items: times.map((time) => ({ time }) as Located), news }
}

function pieces(cut: Generator<IntakePart>): readonly (number[] | 'news')[] {
  return [...cut].flatMap((piece) => [
    piece.items.map(({ time }) => time),
    ...(piece.news ? (['news'] as const) : []),
  ])
}

it('cuts by the first event of a piece and by its count, and keeps news behind all events', () => {
  const span = (item: Located, first: Located) => item.time >= first.time + 10
  expect(pieces(cutPart(part(0, 9, 10, 19, 35, 36), span))).toEqual([[0, 9], [10, 19], [35, 36], 'news'])
  const pairs = (_item: Located, _first: Located, count: number) => count === 2
  expect(pieces(cutPart(part(1, 2, 3, 4, 5), pairs))).toEqual([[1, 2], [3, 4], [5], 'news'])
  expect(pieces(cutPart(part(1, 2, 3, 4), pairs))).toEqual([[1, 2], [3, 4], 'news'])
})

it('gives news without events, and never an empty piece before others', () => {
  expect(pieces(cutPart(part(), () => true))).toEqual([[], 'news'])
  expect(pieces(cutPart(part(1, 2), () => true))).toEqual([[1], [2], 'news'])
})
