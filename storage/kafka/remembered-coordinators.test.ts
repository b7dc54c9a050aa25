import { createRequire } from 'node:module'
import { expect, it, vi } from 'vitest'
import { rememberCoordinators } from './remembered-coordinators.ts'

interface Asking {
  findGroupCoordinatorMetadata(asked: { groupId: string; coordinatorType: number }): Promise<unknown>
}

const require = createRequire(import.meta.url)
const { prototype } = require('kafkajs/src/cluster/index.js') as { prototype: Asking }
const [ofGroup, ofTransaction] = [0, 1]

/** As kafkajs makes one, with brokers that count what they are asked. */
function cluster() {
  const asked = vi.fn(async () => ({ coordinator: { nodeId: asked.mock.calls.length } }))
  const made: Asking = Object.assign(Object.create(prototype), { brokerPool: { withBroker: asked } })
  const find = (groupId: string, coordinatorType: number) =>
    made.findGroupCoordinatorMetadata({ groupId, coordinatorType })
  return { asked, find }
}

it('asks once a second where the coordinators of a transaction are, and always for a consumer', async () => {
  rememberCoordinators()
  rememberCoordinators()
  const [producer, consumer] = [cluster(), cluster()]
  const now = vi.spyOn(performance, 'now').mockReturnValue(5000)
  for (let commit = 0; commit < 3; commit++) {
    await producer.find('id', ofTransaction)
    await producer.find('group', ofGroup)
    await consumer.find('group', ofGroup)
  }
  expect([producer.asked.mock.calls.length, consumer.asked.mock.calls.length]).toEqual([2, 3])
  now.mockReturnValue(6000)
  expect(await producer.find('id', ofTransaction)).toEqual({ coordinator: { nodeId: 3 } })
  now.mockRestore()
})

it('forgets an answer that never came', async () => {
  rememberCoordinators()
  const { asked, find } = cluster()
  asked.mockRejectedValueOnce(new Error('no broker'))
  await expect(find('id', ofTransaction)).rejects.toThrow('no broker')
  await find('id', ofTransaction)
  expect(asked).toHaveBeenCalledTimes(2)
})
