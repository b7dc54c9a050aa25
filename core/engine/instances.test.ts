import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { counter } from '../aggregates/counter.ts'
import { type ConfiguredDetector, type Detector, defineDetector } from '../detector/detector.ts'
import { groupsThatObserveAlike } from './instances.ts'

const config = z.strictObject({ min: z.number().default(3), path: z.string().default('/') })
const loud = defineDetector({
  id: 'loud',
  version: 1,
  summary: 'Test detector.',
  threats: [],
  config,
  vantage: 'edge',
  reads: ['client.ip'],
  window: () => ({ size: '1m', pane: '15s' }),
  observes: ({ path }) => ({ path }),
  pane: { seen: counter() },
  observe: (event, emit) => emit('ip', event['client.ip'])?.seen.add(),
  judge: () => undefined,
  evidence: z.strictObject({}),
}) as unknown as Detector

function one(id: string, settings: object, more: Partial<Detector> = {}): ConfiguredDetector {
  return { detector: { ...loud, id, ...more }, config: config.parse(settings) }
}

function grouped(...detectors: readonly ConfiguredDetector[]): string[] {
  return groupsThatObserveAlike(detectors).map((group) => group.map(({ detector }) => detector.id).join(' '))
}

describe('instances', () => {
  it('observe together where only thresholds differ', () => {
    expect(grouped(one('a', {}), one('b', { min: 9 }), one('c', { min: 5 }))).toEqual(['a b c'])
  })

  it('observe apart where what is observed differs', () => {
    const others = [one('b', { path: '/x' }), one('c', { min: 9 }), one('d', { path: '/x', min: 1 })]
    expect(grouped(one('a', {}), ...others)).toEqual(['a c', 'b d'])
    expect(grouped(one('a', {}), one('b', {}, { observe: () => undefined }))).toEqual(['a', 'b'])
    expect(grouped(one('a', {}), one('b', {}, { window: () => ({ size: '2m', pane: '15s' }) }))).toEqual([
      'a',
      'b',
    ])
  })

  it('observe together under equal settings only where a detector does not say what it observes', () => {
    const { observes: _said, ...silent } = loud
    const quiet = (id: string, settings: object): ConfiguredDetector => ({
      detector: { ...silent, id },
      config: config.parse(settings),
    })
    expect(grouped(quiet('a', {}), quiet('b', { min: 9 }), quiet('c', {}))).toEqual(['a c', 'b'])
  })
})
