import { z } from 'zod'
import type { Duration } from '../../core/time/duration.ts'

const duration = z
  .string()
  .regex(/^\d{1,9}(ms|s|m|h|d)$/, 'write digits and a unit, such as 10m') as z.ZodType<Duration>
const share = z.number().min(0).max(1)
const ids = z.number().int().min(5)
const names = (describe: string) => z.array(z.string()).default([]).describe(describe)

/** Tuning of sequential enumeration; the reason of each default stands in the README. */
export const config = z.strictObject({
  window: duration
    .default('10m')
    .describe('How far one judgement of a fast walk looks back. Longer windows hold more ids per caller.'),
  retention: duration
    .default('24h')
    .describe(
      'How long ids are remembered for low and slow walks. Costs up to 2,048 ids an hour per caller.',
    ),
  ids_min: ids
    .default(30)
    .describe(
      'Distinct neighbouring ids that make a walk when part of them was refused, missing or of another tenant. Lower finds shorter walks and more people who page by hand.',
    ),
  slow_ids_min: ids
    .default(60)
    .describe('The same over the retention. Lower fires on people who open neighbours all day.'),
  trouble_share_min: share
    .default(0.1)
    .describe(
      'Share of the walked ids refused (401, 403) or of another tenant, plus half of those missing (404, 410), from which the lower thresholds hold. Lower fires on clients whose objects get deleted.',
    ),
  density_min: share
    .default(0.5)
    .describe(
      'Share of the places in the walked range that were touched. Lower finds walks with more holes and more chance neighbours.',
    ),
  ids_min_clean: ids
    .default(80)
    .describe(
      'Ids that make a walk of a principal, key or client when every answer was a success. Lower fires on clients that fetch the details of long lists.',
    ),
  slow_ids_min_clean: ids
    .default(200)
    .describe(
      'The same over the retention. Lower fires on people who work through their own records in a day.',
    ),
  ids_min_clean_ip: ids
    .default(150)
    .describe('The same for an address without identity. Lower fires on crawlers of a public catalogue.'),
  slow_ids_min_clean_ip: ids
    .default(1000)
    .describe('The same over the retention. Lower fires on crawlers that take a day for a catalogue.'),
  density_min_clean: share
    .default(0.8)
    .describe(
      'Density that a walk needs when every answer was a success. Lower fires on syncs of own objects.',
    ),
  page_rows_max: z
    .number()
    .int()
    .min(1)
    .default(75)
    .describe(
      'A caller that asks for the list itself once for at most so many ids reads the details of lists. Higher hides walks of a caller that also lists.',
    ),
  paged_factor: z
    .number()
    .min(1)
    .default(20)
    .describe('How many times more ids such a caller may read with every answer a success.'),
  ordinal_types: z
    .array(z.string())
    .default([
      'page',
      'pages',
      'offset',
      'p',
      'start',
      'skip',
      'limit',
      'part',
      'parts',
      'chunk',
      'chunks',
      'segment',
      'segments',
      'frame',
      'frames',
      'tile',
      'tiles',
    ])
    .describe('Object types that number pages or parts, not objects; they are ignored.'),
  asset_suffixes: z
    .array(z.string())
    .default([
      'avif',
      'css',
      'gif',
      'jpeg',
      'jpg',
      'js',
      'm4s',
      'mp4',
      'mvt',
      'pbf',
      'png',
      'svg',
      'ts',
      'webp',
      'woff2',
    ])
    .describe('Files that pages and players load by themselves, in rows; they are ignored.'),
  allow: z
    .strictObject({
      principals: names('Principals that may walk, such as the cache warmer.'),
      keys: names('API keys that may walk.'),
      clients: names('OAuth clients that may walk.'),
      ips: names('Addresses that may walk, as RFC 5952 writes them.'),
      routes: names('Routes that anybody may walk, such as `/products/{id}`.'),
    })
    .prefault({})
    .describe('Who walks ids for a living, and where. Nothing of it is looked at.'),
})
export type Config = z.output<typeof config>
