import { createRequire } from 'node:module'
import { expect, it } from 'vitest'
import { rememberCoordinators } from './remembered-coordinators.ts'
import { sendOffsets } from './send-offsets.ts'

const require = createRequire(import.meta.url)
const Cluster = require('kafkajs/src/cluster/index.js')
const createManager = require('kafkajs/src/producer/eosManager/index.js')
const createRetry = require('kafkajs/src/retry/index.js')
const { createErrorFromCode } = require('kafkajs/src/protocol/error.js')

const logger = { debug() {}, info() {}, warn() {}, error() {} }
const retry = { initialRetryTime: 1, multiplier: 1, maxRetryTime: 1, retries: 3 }
const [ofGroup, ofTransaction] = [0, 1]

/** kafkajs's own keeper of a transaction, with two brokers of which one is each coordinator, and `at` says which. */
async function managed(at: Record<number, number>) {
  const answer = (kind: number, id: number) => async () => {
    if (at[kind] !== id) throw createErrorFromCode(16)
    return { producerId: 7, producerEpoch: 0 }
  }
  const brokers = Object.fromEntries(
    [1, 2].map((id) => [
      id,
      {
        initProducerId: answer(ofTransaction, id),
        addPartitionsToTxn: answer(ofTransaction, id),
        addOffsetsToTxn: answer(ofTransaction, id),
        endTxn: answer(ofTransaction, id),
        txnOffsetCommit: answer(ofGroup, id),
        findGroupCoordinator: async ({ coordinatorType }: { coordinatorType: number }) => ({
          coordinator: { nodeId: at[coordinatorType] },
        }),
      },
    ]),
  )
  const cluster = Object.assign(Object.create(Cluster.prototype), {
    logger,
    retry,
    retrier: createRetry(retry),
    brokerPool: {
      withBroker: (use: (one: object) => unknown) => use({ nodeId: '1', broker: brokers[1] }),
    },
    refreshMetadataIfNecessary: async () => {},
    findBroker: async ({ nodeId }: { nodeId: number }) => brokers[nodeId],
  })
  const manager = createManager({ logger, cluster, transactional: true, transactionalId: 'id' })
  await manager.initProducerId()
  return manager
}

it.each([
  ['of the group', ofGroup],
  ['of the transaction', ofTransaction],
])('goes on when the coordinator %s moved within the second that it is remembered', async (_name, kind) => {
  rememberCoordinators()
  const at = { [ofGroup]: 1, [ofTransaction]: 1 }
  const manager = await managed(at)
  const commit = async (move = () => {}) => {
    manager.beginTransaction()
    await manager.addPartitionsToTransaction([{ topic: 'a', partitions: [{ partition: 0 }] }])
    move()
    await sendOffsets(manager, { consumerGroupId: 'g', topics: [] })
    await manager.commit()
  }
  await commit()
  await commit(() => {
    at[kind] = 2
  })
})

it('gives up on other errors at once', async () => {
  const failing = { sendOffsets: () => Promise.reject(createErrorFromCode(47)) }
  await expect(sendOffsets(failing, { consumerGroupId: 'g', topics: [] })).rejects.toMatchObject({ code: 47 })
})
