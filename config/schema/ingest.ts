import { z } from 'zod'
import { eventFieldNames } from '../../core/event/event-fields.ts'

/** What a log key may tell: every event field, latency in other units, and the chain of forwarding addresses. */
export const mappedFields = [...eventFieldNames, 'latency_s', 'latency_us', 'x_forwarded_for'] as const

const fields = z.partialRecord(z.enum(mappedFields), z.string().min(1).max(256)).default({})

const trustedHops = z
  .int()
  .min(0)
  .max(16)
  .default(0)
  .describe(
    'How many proxies in front of the gateway are ours. The client is then the n-th entry of X-Forwarded-For from the right. Default 0, which takes the peer address; too high a number lets clients choose their address.',
  )

/** How records become events. */
export const ingest = z
  .strictObject({
    envoy: z
      .strictObject({
        fields: fields.describe(
          'Event field to key of the Envoy JSON log, for what has no operator name, such as JWT claims: `principal.id: jwt_sub`. Default: none, so only the operator names are read.',
        ),
        trusted_hops: trustedHops,
      })
      .prefault({})
      .describe('Envoy JSON access logs, and the addresses that the decision API for Envoy looks at.'),
    combined: z
      .strictObject({
        fields: z
          .partialRecord(
            z.enum(mappedFields),
            z.union([z.string().min(1).max(256), z.int().min(0).max(63)]).transform(String),
          )
          .default({})
          .describe(
            'Event field to extra field behind the combined format: its key in `key=value` pairs, or its place from 0. Default: none, so extra fields are ignored.',
          ),
        trusted_hops: trustedHops,
      })
      .prefault({})
      .describe('Combined logs of nginx and Apache.'),
    'nginx-json': z
      .strictObject({
        fields: fields.describe(
          'Event field to key of the nginx JSON log, for keys that are not named as nginx variables. Default: none.',
        ),
        trusted_hops: trustedHops,
      })
      .prefault({})
      .describe('JSON logs of nginx (`escape=json`).'),
    query_allowlist: z
      .array(z.string().min(1).max(128))
      .max(256)
      .default([])
      .describe(
        'Names of query parameters whose values are kept in `path`. Default: none, because query values carry credentials and personal data; each name added is stored for every request.',
      ),
  })
  .prefault({})
  .describe('How records of the sources become events.')
