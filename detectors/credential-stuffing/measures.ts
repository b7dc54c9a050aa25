import { basisOf, type LoginWindow, tableOf } from './picture.ts'
import { countOf, failedOnlyOf, sum, triesOf } from './tries.ts'

/**
 * What a baseline is built from: of a login route, failures, accounts that only failed, and addresses with failures
 * in the window. Without account names there is no count of accounts.
 */
export function measuresOf(window: LoginWindow): Readonly<Record<string, number>> | undefined {
  if (window.entity.kind !== 'route') return undefined
  const basis = basisOf(window)
  const { tries, scale } = triesOf(tableOf(window, basis))
  const failing = tries.filter((row) => row.failures > 0)
  return {
    failures: Math.round(sum(failing, (row) => row.failures) * scale),
    addresses: Math.round(countOf(failing, (row) => row.address) * scale),
    ...(basis === 'accounts' ? { accounts: Math.round(failedOnlyOf(tries).length * scale) } : {}),
  }
}
