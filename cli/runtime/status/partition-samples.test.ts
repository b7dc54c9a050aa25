import { expect, it } from 'vitest'
import { partitionKey } from '../../../core/event/position.ts'
import { partitionSamples } from './partition-samples.ts'

it('tells the lag of active partitions, the furthest behind, and counts all', () => {
  const partitions = Array.from({ length: 300 }, (_, index) => ({
    partition: partitionKey('gateway', `access:${index}`),
    state: 'active' as const,
    watermark: 1_000_000 - index * 1000,
  }))
  const idle = { partition: partitionKey('log', '/var/log/a#1'), state: 'idle' as const, watermark: 0 }
  const standIn = { partition: partitionKey('late', ''), state: 'active' as const, watermark: -Infinity }
  const samples = partitionSamples([...partitions, idle, standIn], 1_000_000)
  const lags = samples.filter(({ metric }) => metric === 'partitionLag')
  expect(lags).toHaveLength(200)
  expect(lags[0]).toEqual({ metric: 'partitionLag', labels: ['gateway', 'access:299'], value: 299 })
  expect(samples.filter(({ metric }) => metric === 'partitions')).toEqual([
    { metric: 'partitions', labels: ['gateway', 'active'], value: 300 },
    { metric: 'partitions', labels: ['log', 'idle'], value: 1 },
  ])
})
