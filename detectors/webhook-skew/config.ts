import { z } from 'zod'
import type { Duration } from '../../core/time/duration.ts'

const duration = z
  .string()
  .regex(/^\d{1,9}(ms|s|m|h|d)$/, 'write digits and a unit, such as 10m') as z.ZodType<Duration>
const share = z.number().min(0).max(1)
const count = z.number().int().min(1)

/** Tuning of webhook skew; the reason of each default stands in the README. */
export const config = z.strictObject({
  window: duration
    .default('15m')
    .describe(
      'How far one judgement looks back; whole minutes. Longer windows gather more of a slow attack and hold more ids.',
    ),
  tolerance: duration
    .default('5m')
    .describe(
      'How far a signed timestamp may lie from receipt, either way, around the centre of the sender. Lower finds faster replays and more slow queues.',
    ),
  skewed_ids_min: count
    .default(5)
    .describe('New ids outside the tolerance that make an attack. Lower finds fewer, and more slow queues.'),
  skewed_share_min: share
    .default(0.02)
    .describe(
      'Share of the ids of the window that must be outside too when they come from a usual network. Lower fires on the tail of busy providers.',
    ),
  replayed_ids_min: count
    .default(5)
    .describe('Ids that succeeded and came again that make an attack. Lower fires on manual redeliveries.'),
  foreign_ids_min: count
    .default(3)
    .describe(
      'The same when they come again from a network that never delivers anything new. Lower fires on a new egress address of the provider.',
    ),
  resent_ids_min: count
    .default(3)
    .describe(
      'Ids that succeeded and came again after `resent_after` with no failure in between, from any network. Lower fires on a redelivery by hand.',
    ),
  resent_after: duration
    .default('5m')
    .describe(
      'Time after the first success from which a repeat without a failure is no retry. Shorter fires on at-least-once queues.',
    ),
  repeats_min: count
    .default(5)
    .describe('Times that one id must come again to make an attack alone. Lower fires on stubborn retries.'),
  redelivery_within: duration
    .default('15m')
    .describe(
      'A repeat from a usual network within this of the first success may be a redelivery. Longer hides replays from inside the provider’s networks.',
    ),
  duplicate_within: duration
    .default('1m')
    .describe(
      'A single repeat from a usual network within this is at-least-once delivery, however many ids repeat.',
    ),
  late_answer: duration
    .default('3s')
    .describe(
      'A success answered later than this may have been missed by the provider, so that its retry is no replay. Lower excuses more.',
    ),
  late_retry_within: duration
    .default('24h')
    .describe(
      'How long after a late answer, or a success that came after a failure, a retry is expected. Longer excuses more.',
    ),
  drift_min: duration
    .default('2m')
    .describe(
      'Steady skew from which a clock counts as drifting and is noted. Lower notes queues that are merely slow.',
    ),
  drift_spread_max: duration
    .default('1m')
    .describe(
      'Widest distance between the quartiles of a drifting sender. Wider lets mixed skews pass as drift.',
    ),
  drift_max: duration
    .default('15m')
    .describe(
      'Most steady skew that a network without on-time deliveries may have while others are on time. Longer lets a constant offset pass as a bad clock.',
    ),
  drift_ids_min: count
    .default(8)
    .describe('Valid new ids that a drift needs. Lower trusts a clock after fewer deliveries.'),
  drift_backed_by: duration
    .default('10m')
    .describe('Time that these ids must span. Shorter lets a burst of captured deliveries pass as drift.'),
  signature_failures_min: count
    .default(8)
    .describe('Failed signatures of one sender that never succeeded. Lower fires on a misconfigured sender.'),
  status_failures_min: count
    .default(30)
    .describe(
      'The same where the log has only a status (400, 401, 403) on a webhook route. Lower fires on health checks and scanners.',
    ),
  spread_failures_min: count
    .default(16)
    .describe(
      'Failed signatures from at least three strange senders together, or beside successes of the same senders. Lower fires on rotations.',
    ),
  retention: duration
    .default('72h')
    .describe('How long ids and senders are remembered. Costs up to 4,096 ids per provider and 12 hours.'),
  hook_segments: z
    .array(z.string())
    .default(['webhook', 'webhooks', 'hook', 'hooks'])
    .describe(
      'Path segments of webhook routes in logs without webhook fields, lower case. `callback` also names OAuth redirects, which fail in browsers.',
    ),
  ignore_providers: z
    .array(z.string())
    .default([])
    .describe('Providers that nothing is judged of, such as a load test.'),
})
export type Config = z.output<typeof config>
