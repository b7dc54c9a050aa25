import { expect, it } from 'vitest'
import { detectors } from '../../detectors/detectors.ts'
import { detectorSight, detectorsWithNeeds } from './detector-needs.ts'

it('knows the needs of every detector that ships, of fields that it reads', () => {
  expect(Object.keys(detectorsWithNeeds).sort()).toEqual(detectors.map(({ id }) => id).sort())
  for (const { id, reads } of detectors) {
    for (const group of detectorsWithNeeds[id] ?? [])
      expect(reads).toEqual(expect.arrayContaining([...group]))
  }
})

it('tells a blind detector from one that sees less', () => {
  const configured = detectors.map((detector) => ({ detector, config: {} }))
  const sights = detectorSight(configured, new Set(['time', 'client.ip', 'path', 'status', 'object.id']))
  const blind = sights.filter(({ blindWithout }) => blindWithout.length > 0)
  expect(blind.map(({ detector, blindWithout }) => [detector, blindWithout])).toEqual([
    ['jti-reuse', [['token.jti']]],
  ])
  const walks = sights.find(({ detector }) => detector === 'sequential-enumeration')
  expect(walks?.neverSeen).toContain('principal.id')
  expect(walks?.neverSeen).not.toContain('enforced_by')
})
