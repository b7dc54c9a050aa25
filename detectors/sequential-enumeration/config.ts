import { z } from 'zod'
import type { Duration } from '../../core/time/duration.ts'

const duration = z
  .string()
  .regex(/^\d{1,9}(ms|s|m|h|d)$/, 'write digits and a unit, such as 10m') as z.ZodType<Duration>
const share = z.number().min(0).max(1)

/** Tuning of sequential enumeration; the reason of each default stands in the README. */
export const config = z.strictObject({
  window: duration
    .default('10m')
    .describe('How far one judgement of a fast walk looks back. Longer windows hold more ids per caller.'),
  ids_min: z
    .number()
    .int()
    .min(5)
    .default(30)
    .describe(
      'Distinct neighbouring ids that make a walk when part of them was refused or missing. Lower finds shorter walks and more people who page by hand.',
    ),
  ids_min_clean: z
    .number()
    .int()
    .min(5)
    .default(100)
    .describe(
      'Distinct neighbouring ids that make a walk when every answer was a success. Lower fires on clients that fetch the details of long lists.',
    ),
  density_min: share
    .default(0.5)
    .describe(
      'Share of the places in the walked range that were touched. Lower finds walks with more holes and more chance neighbours.',
    ),
  trouble_share_min: share
    .default(0.1)
    .describe(
      'Share of the walked ids never answered with success (401, 403, 404, 410) from which a walk counts as refused or missing.',
    ),
  slow_ids_min: z
    .number()
    .int()
    .min(5)
    .default(60)
    .describe(
      'Distinct neighbouring ids over the retention that make a low and slow walk when part of them was refused or missing.',
    ),
  slow_ids_min_clean: z
    .number()
    .int()
    .min(5)
    .default(300)
    .describe(
      'The same when every answer was a success: a busy person opens hundreds of neighbouring records in a day.',
    ),
  slow_density_min: share
    .default(0.7)
    .describe(
      'Density that a low and slow walk needs; higher than for a fast one, because a day of honest work touches many ids.',
    ),
  retention: duration
    .default('24h')
    .describe('How long ids are remembered for low and slow walks. Costs up to 2,048 ids per caller.'),
  paging_types: z
    .array(z.string())
    .default(['page', 'pages', 'offset', 'p', 'start', 'skip', 'limit'])
    .describe('Object types that number pages, not objects; they are ignored.'),
  allow: z
    .strictObject({
      principals: z
        .array(z.string())
        .default([])
        .describe('Principals that may walk, such as the cache warmer.'),
      keys: z.array(z.string()).default([]).describe('API keys that may walk.'),
      clients: z.array(z.string()).default([]).describe('OAuth clients that may walk.'),
      ips: z
        .array(z.string())
        .default([])
        .describe('Addresses that may walk, written as the gateway logs them.'),
    })
    .prefault({})
    .describe('Callers that walk ids for a living. Nothing of theirs is looked at.'),
})
export type Config = z.output<typeof config>
