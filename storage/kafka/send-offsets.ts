import type { Offsets, Transaction } from 'kafkajs'
import { forgetCoordinators } from './remembered-coordinators.ts'
import { whilePassing } from './while-passing.ts'

/** Adds offsets to a transaction, as often as it takes: kafkajs gives this step up when a coordinator has moved. */
export function sendOffsets(
  transaction: Pick<Transaction, 'sendOffsets'>,
  offsets: Offsets & { readonly consumerGroupId: string },
): Promise<void> {
  return whilePassing(() => transaction.sendOffsets(offsets), forgetCoordinators)
}
