import { expect, it } from 'vitest'
import { trafficShape } from '../../core/engine/traffic-shape.ts'
import { detectors } from '../../detectors/detectors.ts'
import { sharedOut } from './shares.ts'

const all = [...detectors, trafficShape].map((detector) => ({ detector, config: {} }))
const idsOf = (index: number, of: number) => sharedOut(all, { index, of }).map(({ detector }) => detector.id)

it('gives each detector to one engine, and the traffic’s shape to the first', () => {
  for (const of of [1, 2, 3, 4, 9]) {
    const dealt = Array.from({ length: of }, (_, index) => idsOf(index, of))
    expect(dealt.flat().sort()).toEqual(all.map(({ detector }) => detector.id).sort())
    expect(dealt[0]).toContain(trafficShape.id)
  }
})

it('spares the first engine, whose thread also reads and decodes', () => {
  expect(idsOf(0, 2)).toEqual(['webhook-skew', trafficShape.id])
  expect(idsOf(0, 3)).toEqual([trafficShape.id])
})

it('keeps instances of one detector together', () => {
  const [first] = detectors
  const copies = ['a', 'b', 'c'].map((id) => ({ detector: { ...first, id } as typeof first, config: {} }))
  const shares = [0, 1].map((index) => sharedOut([...all, ...copies] as typeof all, { index, of: 2 }))
  for (const share of shares) {
    const alike = share.filter(({ detector }) => detector.observe === first?.observe)
    expect([0, 4]).toContain(alike.length)
  }
})
