import { expect, it } from 'vitest'
import { type Positions, partitionKey } from '../../core/event/position.ts'
import type { Source } from '../../core/ports/source.ts'
import { acknowledger } from './acknowledger.ts'

function source(id: string, told: Positions[], fails = false): Source {
  return {
    id,
    async *read() {},
    async committed(positions) {
      told.push(positions)
      if (fails) throw new Error('away')
    },
  }
}

it('tells each source of commits that moved one of its positions, and of no others', async () => {
  const [gateway, service]: [Positions[], Positions[]] = [[], []]
  const acknowledge = acknowledger([source('gateway', gateway), source('service', service, true)])
  const at = (gatewayAt: number, serviceAt: number) =>
    new Map([
      [partitionKey('gateway', 't:0'), gatewayAt],
      [partitionKey('gateway', 't:1'), 7],
      [partitionKey('service', 'events'), serviceAt],
    ])
  const commits = [at(1, 5), at(1, 5), at(2, 5), at(2, 6)] as const
  for (const positions of commits) acknowledge(positions)
  await new Promise(setImmediate)
  expect(gateway).toEqual([commits[0], commits[2]])
  expect(service).toEqual([commits[0], commits[3]])
})
