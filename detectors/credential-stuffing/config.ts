import { z } from 'zod'
import type { Duration } from '../../core/time/duration.ts'

const duration = z
  .string()
  .regex(/^\d{1,9}(ms|s|m|h|d)$/, 'write digits and a unit, such as 10m') as z.ZodType<Duration>
const share = z.number().min(0).max(1)
const count = z.number().int().min(2)

/** What makes one place loud; the four places have the same five numbers. */
function bar(
  accounts: number,
  failedShare: number,
  failures: number,
  failureShare: number,
  addresses: number,
) {
  return z
    .strictObject({
      accounts_min: count
        .default(accounts)
        .describe(
          'Accounts that only failed there within the window. Lower finds smaller attacks and worse Mondays.',
        ),
      failed_share_min: share
        .default(failedShare)
        .describe('Their share of all accounts tried there. Lower blames places that honest people share.'),
      failures_min: count
        .default(failures)
        .describe(
          'Failures that count where the log has no account names. Lower blames one stubborn person.',
        ),
      failure_share_min: share
        .default(failureShare)
        .describe(
          'Share of failures among tries where the log has no account names. Lower blames shared places.',
        ),
      addresses_min: z
        .number()
        .int()
        .min(1)
        .default(addresses)
        .describe('Addresses that the failures must come from. Lower blames a group for one of its members.'),
    })
    .prefault({})
}

/** Tuning of credential stuffing; the reason of each default stands in the README. */
export const config = z.strictObject({
  window: duration
    .default('10m')
    .describe('How far one judgement looks back. Longer windows find slower attacks and hold more tries.'),
  retention: duration
    .default('7d')
    .describe(
      'How long it is remembered who logged in from where. Costs up to 1,024 accounts a place and day; shorter forgets known users over a weekend.',
    ),
  login_routes: z
    .array(z.string().min(1).max(200))
    .max(200)
    .default([
      '/login',
      '/log-in',
      '/login_check',
      '/logon',
      '/signin',
      '/sign-in',
      '/sign_in',
      '/auth',
      '/authenticate',
      '/authorize',
      '/session',
      '/sessions',
      '/token',
      '/tokens',
      '/callback/credentials',
      '/j_security_check',
      '/api/v*/login',
      '/wp-login.php',
    ])
    .describe(
      'Routes whose status tells the outcome of a log-in when the event does not: matched on the last segments, in any case, `*` within a segment, an extension such as .php ignored. More routes cost nothing but judge what may be no log-in.',
    ),
  form_routes: z
    .array(z.string().min(1).max(200))
    .max(200)
    .default(['/wp-login.php'])
    .describe(
      'Login routes that answer a failure with the form again: 200 is a failure there, a redirect a success.',
    ),
  address: bar(15, 0.4, 25, 0.75, 1).describe('One address; IPv6 by /64.'),
  network: bar(20, 0.5, 25, 0.75, 3).describe('Addresses of one /24 or /48, none loud alone.'),
  fingerprint: bar(25, 0.9, 25, 0.9, 5).describe(
    'Addresses with one TLS fingerprint, none loud alone, nor their networks.',
  ),
  browser_ciphers: z
    .array(z.string().min(1).max(64))
    .max(200)
    .default(['8daaf6152771', '5b57614c22b0', '86a278354501', 'a09f3c656075', '2802a3db6c62', '55b375c5d22e'])
    .describe(
      'Second part of the JA4 of browsers: such a fingerprint is never blamed, its route is. Fewer let a decision about an attacker hit the users of a browser.',
    ),
  route: z
    .strictObject({
      accounts_floor: count
        .default(30)
        .describe(
          'Accounts that only failed on a login route, below which nothing is judged and without a baseline all is.',
        ),
      addresses_floor: count.default(10).describe('The same for the addresses that the failures come from.'),
      failures_floor: count.default(30).describe('The same for failures.'),
      k: z
        .number()
        .min(1)
        .default(6)
        .describe('Spreads above the centre of the baseline. Lower finds smaller attacks and busy mornings.'),
      failed_share_min: share
        .default(0.15)
        .describe(
          'Share of accounts that only failed, when the share before the window is known and a third of it.',
        ),
      failed_share_alone_min: share
        .default(0.3)
        .describe('The same when nothing is known of the time before, or it was bad too.'),
      failed_share_baseline_min: share
        .default(0.05)
        .describe('The same when all three thresholds come from a baseline.'),
    })
    .prefault({})
    .describe('The distributed form: a login route where no place is loud.'),
  slow: z
    .strictObject({
      span: duration.default('24h').describe('How far the slow form looks back, within the retention.'),
      recent_min: z
        .number()
        .int()
        .min(1)
        .default(3)
        .describe('Accounts that failed in the last hour: lower blames a place long after the attack.'),
      address_accounts_min: count.default(25).describe('Accounts that only failed at one address.'),
      network_accounts_min: count.default(60).describe('Accounts that only failed in one network.'),
      failed_share_min: share.default(0.6).describe('Their share of all accounts tried there.'),
      failures_min: count.default(60).describe('Failures of one address where the log has no account names.'),
      failure_share_min: share.default(0.9).describe('Their share among its tries.'),
    })
    .prefault({})
    .describe('Low and slow: many accounts from one place over a day.'),
  allow: z
    .strictObject({
      ips: z
        .array(z.string())
        .default([])
        .describe('Addresses whose log-ins are not looked at, IPv6 as /64.'),
      networks: z
        .array(z.string())
        .default([])
        .describe('Networks whose log-ins are not looked at, as /24 or /48.'),
      fingerprints: z.array(z.string()).default([]).describe('Fingerprints that are never blamed.'),
    })
    .prefault({})
    .describe('Load tests, penetration tests, and gateways whose address stands in service logs.'),
})
export type Config = z.output<typeof config>
