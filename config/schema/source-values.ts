import { z } from 'zod'
import { duration, name } from './values.ts'

/** Formats that a source may name; without a name the first lines tell. */
export const formatIds = [
  'canonical',
  'envoy',
  'combined',
  'nginx-json',
  'kong',
  'apisix',
  'traefik',
  'aws-api-gateway',
  'aws-waf',
  'cloudfront',
  'ocsf',
] as const

export const format = z
  .enum(formatIds)
  .optional()
  .describe(
    'Format of the records. Default: told from the first lines, which costs nothing but fails on mixed files.',
  )
export const vantage = z
  .enum(['edge', 'service'])
  .optional()
  .describe(
    'Who saw the events, where they do not say so themselves: the gateway (edge) or the service. Default: not said, and every detector reads them; then edge and service logs of one request count twice.',
  )
export const trustMarks = z
  .boolean()
  .default(false)
  .describe(
    'Whether `enforced_by` marks of this source are believed. Default false, because whoever can write such a mark hides failures from status-based counts; set it for gateways that strip it from upstreams.',
  )

/** What every source may set. */
export const common = {
  lateness: duration
    .default('30s')
    .describe(
      'How far events may arrive out of order. Default 30s. Longer delays every final finding by as much and keeps more panes open; shorter counts more events as late.',
    ),
  idle: duration
    .default('60s')
    .describe(
      'After how long without a record a partition no longer holds the watermark back. Default 60s. Shorter makes records after a pause late; longer delays findings of the other partitions.',
    ),
  vantage,
  trust_marks: trustMarks,
}

/** Name of a source; its type when absent. */
export function sourceName(type: string) {
  return name
    .default(type)
    .describe(
      `Name of the source, part of every event's position. Default '${type}'. Renaming it reads the source from the start again, so events are judged a second time.`,
    )
}
