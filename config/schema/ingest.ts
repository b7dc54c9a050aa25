import { z } from 'zod'
import { eventFieldNames } from '../../core/event/event-fields.ts'

/** What a log key may tell: every event field, latency in other units, and the chain of forwarding addresses. */
export const mappedFields = [
  ...eventFieldNames,
  'latency_s',
  'latency_us',
  'latency_ns',
  'x_forwarded_for',
] as const

const fields = z.partialRecord(z.enum(mappedFields), z.string().min(1).max(256)).default({})

const trustedHops = z
  .int()
  .min(0)
  .max(16)
  .default(0)
  .describe(
    'How many proxies in front of the gateway are ours. The client is then the n-th entry of X-Forwarded-For from the right. Default 0, which takes the peer address; too high a number lets clients choose their address.',
  )

/** Settings of a JSON log: what is mapped beside what the format knows, and which hop tells the client. */
function jsonLogShape(mapping: string) {
  return z.strictObject({ fields: fields.describe(mapping), trusted_hops: trustedHops })
}

function jsonLog(what: string, mapping: string) {
  return jsonLogShape(mapping).prefault({}).describe(what)
}

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
    'nginx-json': jsonLog(
      'JSON logs of nginx (`escape=json`).',
      'Event field to key of the nginx JSON log, for keys that are not named as nginx variables. Default: none.',
    ),
    kong: jsonLog(
      'Logs of Kong (http-log, file-log, tcp-log).',
      'Event field to dotted key of Kong’s log, for custom fields: `principal.tenant: consumer.tags`. Default: none.',
    ),
    apisix: jsonLog(
      'Logs of Apache APISIX (http-logger, file-logger, kafka-logger).',
      'Event field to dotted key of the log, for keys of a `log_format` of your own. Default: none.',
    ),
    traefik: jsonLog(
      'Access logs of Traefik.',
      'Event field to key of the JSON log: `principal.id: ClientUsername` where every router authenticates. Default: none, because a client can write that name itself.',
    ),
    'aws-api-gateway': jsonLog(
      'Access logs of Amazon API Gateway.',
      'Event field to dotted key of the log, for what a Lambda authorizer tells: `principal.tenant: authorizer.org`. Default: none.',
    ),
    'aws-waf': jsonLog(
      'Logs of AWS WAF web ACLs.',
      'Event field to dotted key of the log. Default: none; headers cannot be mapped, because they stand in a list.',
    ),
    cloudfront: jsonLogShape('Event field to column or key of the log. Default: none.')
      .extend({
        columns: z
          .string()
          .min(1)
          .max(4096)
          .optional()
          .describe(
            'Columns of tab-separated lines in their order, as after `#Fields:`, where logging v2 was given others. Default: those of standard logs.',
          ),
      })
      .prefault({})
      .describe('Standard logs of Amazon CloudFront.'),
    ocsf: jsonLog(
      'OCSF events of the classes API Activity and HTTP Activity.',
      'Event field to dotted attribute, for extensions and `unmapped`: `token.jti: unmapped.jti`. Default: none.',
    ),
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
