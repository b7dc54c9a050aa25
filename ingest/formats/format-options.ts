import { z } from 'zod'
import type { Decode, DecodeCounts, Format } from '../../core/event/decoder.ts'
import type { EventField } from '../../core/event/event-fields.ts'
import { fieldPairs } from './field-map.ts'
import { type FormatId, formats } from './formats.ts'

const routes = z
  .array(z.string().regex(/^\//, 'a route template starts with /'))
  .describe(
    'Route templates such as /orders/{id}, tried before the fixed shapes. Each costs a comparison a path.',
  )
const queryNames = z
  .array(z.string())
  .describe('Query parameters whose values are kept in path. All others never enter.')
const trustedHops = z
  .int()
  .min(0)
  .max(16)
  .describe(
    'Take the client from the n-th entry from the right of X-Forwarded-For; 0 takes the peer address.',
  )
const common = { routes: routes.optional(), query_names: queryNames.optional() }

function fieldNamesKnown(context: z.core.ParsePayload<Record<string, string> | string[]>): void {
  try {
    fieldPairs(context.value)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    context.issues.push({ code: 'custom', message, input: context.value })
  }
}

const jsonLog = z.strictObject({
  ...common,
  fields: z
    .record(z.string(), z.string())
    .check(fieldNamesKnown)
    .optional()
    .describe(
      'Event field to the key in the log, or a dotted path into nested objects: principal.id: jwt.sub',
    ),
  trusted_hops: trustedHops.optional(),
})

/** The options of every format, strict, for the configuration file. */
export const formatOptions = {
  canonical: z.strictObject(common),
  envoy: jsonLog,
  'nginx-json': jsonLog,
  combined: z.strictObject({
    ...common,
    fields: z
      .union([z.array(z.string()), z.record(z.string(), z.string())])
      .check(fieldNamesKnown)
      .optional()
      .describe(
        'Fields after the combined part: a list by position, or a map from event field to key or position.',
      ),
    trusted_hops: trustedHops.optional(),
  }),
  kong: jsonLog,
  apisix: jsonLog,
  traefik: jsonLog,
  'aws-api-gateway': jsonLog,
  'aws-waf': jsonLog,
  cloudfront: jsonLog.extend({
    columns: z
      .string()
      .min(1)
      .max(4096)
      .optional()
      .describe('Columns of tab-separated lines in their order, as after #Fields:, where they were chosen.'),
  }),
  ocsf: jsonLog,
} as const satisfies Readonly<Record<FormatId, z.ZodType>>

/**
 * A decoder of the named format for the wanted fields, all of them without `wanted`; its options are checked. Throws a
 * ZodError that names each wrong option.
 */
export function openFormat(
  id: FormatId,
  options: unknown = {},
  wanted?: ReadonlySet<EventField>,
  counts?: DecodeCounts,
): Decode {
  // What the schema of an id gives fits the format of that id; the compiler can't tie the two.
  const format: Format<never> = formats[id]
  return format.open(formatOptions[id].parse(options) as never, wanted, counts)
}
