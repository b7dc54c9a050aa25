import { z } from 'zod'

export const reasons = ['replay', 'skew_old', 'skew_future', 'signature', 'drift'] as const

/** Instants are epoch milliseconds, `…_s` seconds; ids are as sent, cut to 64 characters. */
export const evidence = z.strictObject({
  reasons: z.array(z.enum(reasons)),
  /** Endpoint of the worst id, or the provider that a sender forges. */
  route: z.string(),
  /** Different ids of the window, and those of them that are the trouble. */
  ids: z.number().int(),
  troubled_ids: z.array(z.string()).max(10),
  replayed_ids: z.number().int(),
  /** Of these, those that came from a network which delivers nothing new. */
  foreign_ids: z.number().int(),
  /** The id that came again most often: how often, when it first succeeded and when it came last. */
  repeats: z.number().int(),
  first_success: z.number().optional(),
  replayed_at: z.number().optional(),
  old_ids: z.number().int(),
  future_ids: z.number().int(),
  skew_median_s: z.number(),
  skew_centre_s: z.number(),
  tolerance_s: z.number(),
  signature_failures: z.number().int(),
  /** Some of the trouble was let in. */
  accepted: z.boolean(),
  senders: z.array(z.string()).max(5),
  /** Long memory held more ids than are kept: counts are of a sample. */
  sampled: z.boolean(),
})
export type Evidence = z.output<typeof evidence>
export type Reason = (typeof reasons)[number]

/** Two decimals: enough for a person, and safe from last-bit differences. */
export function round(value: number): number {
  return Math.round(value * 100) / 100
}
