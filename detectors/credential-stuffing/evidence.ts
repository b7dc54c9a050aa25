import { z } from 'zod'

const account = z.string().max(256)

/** What a finding tells. Lists are sorted samples of at most ten; numbers beside them count all, estimated when `sampled`. */
export const evidence = z.strictObject({
  /** What was counted: accounts, or failures on login routes where the log has no account names. */
  basis: z.enum(['accounts', 'login_failures']),
  form: z.enum(['one_address', 'network', 'fingerprint', 'distributed']),
  pace: z.enum(['fast', 'slow']),
  accounts_tried: z.number().int(),
  accounts: z.array(account).max(10),
  /** Accounts that failed and did not log in. */
  accounts_failed_only: z.number().int(),
  /** Accounts whose success came strictly after their first failure: open them first. */
  accounts_succeeded: z.array(account).max(10),
  accounts_succeeded_count: z.number().int(),
  /** Accounts that logged in at the first try among the failures: hits, or honest people at the same place. */
  accounts_entered: z.array(account).max(10),
  accounts_entered_count: z.number().int(),
  failures: z.number().int(),
  successes: z.number().int(),
  success_share: z.number(),
  addresses: z.number().int(),
  /** Networks with the most failures. */
  networks: z.array(z.strictObject({ network: z.string(), failures: z.number().int() })).max(10),
  login_routes: z.array(z.string()).max(10),
  /** Share of the failing accounts that had logged in before at the place judged. */
  known_share: z.number(),
  /** What was compared with what: `source` is `floor` where no baseline was long enough. */
  thresholds: z.array(
    z.strictObject({
      measure: z.string(),
      observed: z.number(),
      threshold: z.number(),
      source: z.enum(['entity', 'group', 'floor']),
      centre: z.number().optional(),
      spread: z.number().optional(),
      samples: z.number().optional(),
    }),
  ),
  sampled: z.boolean(),
})
export type Evidence = z.output<typeof evidence>
export type Compared = Evidence['thresholds'][number]

/** Two decimals: enough for a person, and safe from last-bit differences. */
export function round(value: number): number {
  return Math.round(value * 100) / 100
}

/** The first ten, which are a fair sample, in the order of the alphabet. */
export function sampleOf(ids: readonly string[]): string[] {
  return ids.slice(0, 10).sort()
}
