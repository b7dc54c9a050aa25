import { setTimeout as sleep } from 'node:timers/promises'
import type { Offsets, Transaction } from 'kafkajs'
import { forgetCoordinators } from './remembered-coordinators.ts'

/** Coordinator is loading, not available, not here: protocol guide, error codes 14, 15 and 16. */
const movedCodes: ReadonlySet<unknown> = new Set([14, 15, 16])
/** A broker that is stopped in order hands its coordinators over within a second or two. */
const [triesMax, waitMs] = [50, 100]

/** Adds offsets to a transaction, as often as it takes: kafkajs gives this step up when a coordinator has moved. */
export async function sendOffsets(
  transaction: Pick<Transaction, 'sendOffsets'>,
  offsets: Offsets & { readonly consumerGroupId: string },
): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await transaction.sendOffsets(offsets)
    } catch (error) {
      if (!hasMoved(error) || tries === triesMax) throw error
      forgetCoordinators()
      await sleep(waitMs)
    }
  }
}

function hasMoved(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause)
    if ('code' in at && movedCodes.has(at.code)) return true
  return false
}
