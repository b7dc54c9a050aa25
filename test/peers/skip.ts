/** Why a peer isn't there. Tests show the reason, so that nobody takes a skipped test for a passed one. */
export interface Skip {
  readonly skip: string
}

/**
 * A laptop without Java may still run the other tests, so a missing peer is a skip with its reason. In CI
 * it would hide that the promise was never tested, so with `CI=true` it's an error.
 */
export function skipOrThrow(reason: string): Skip {
  if (process.env.CI === 'true') throw new Error(`no test peer may be missing in CI: ${reason}`)
  return { skip: reason }
}
