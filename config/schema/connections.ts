import { z } from 'zod'
import { identity } from './identity.ts'
import { listenAddress } from './listen.ts'
import { httpUrl, secretReference, size } from './values.ts'

/** Less would be full before a batch that waits in memory is on disk. */
const spillBytesLeast = 100e6

/** Receivers of actions. */
export const actions = z
  .strictObject({
    page: z
      .strictObject({
        routing_key: secretReference.describe(
          'Reference to the PagerDuty Events v2 routing key: env:NAME or file:/path.',
        ),
        url: httpUrl
          .default('https://events.pagerduty.com/v2/enqueue')
          .describe(
            'Address that events are sent to. Default: the one of PagerDuty; set it for the EU region or a relay.',
          ),
        allowed_hosts: z
          .array(z.string().regex(/^[A-Za-z0-9.:[\]-]{1,253}$/, 'is no host name'))
          .max(64)
          .default([])
          .describe(
            'Hosts that pages may be sent to beside that of `url`, checked after DNS. Default: none.',
          ),
        allow_private: z
          .boolean()
          .default(false)
          .describe(
            'Whether the host may resolve to a private or loopback address. Default false, so that a page cannot be turned against our own network.',
          ),
      })
      .optional()
      .describe('Where pages go. Default: nowhere, and playbooks journal that no receiver is configured.'),
  })
  .prefault({})
  .describe('Receivers of what playbooks send.')

/** Decision APIs for gateways. */
export const enforcement = z
  .strictObject({
    envoy: z
      .strictObject({
        listen: listenAddress(9191, {
          host: '; the protocol has no login, so open it to gateways only.',
          what: 'Where the gRPC server listens.',
        }),
        identity,
      })
      .optional()
      .describe('Envoy asks by ext_authz over gRPC. Default: not started, and nothing obeys decisions.'),
  })
  .prefault({})
  .describe('Decision APIs that gateways ask.')

/** The analytics store. */
export const clickhouse = z
  .strictObject({
    embedded: z
      .boolean()
      .optional()
      .describe(
        'Whether ClickHouse runs inside, as chDB. Default true without `url`; it needs the optional package and about 300 MB of memory. Set false to do without history and baselines.',
      ),
    url: httpUrl
      .optional()
      .describe('Address of a ClickHouse server, such as http://clickhouse:8123. Default: none.'),
    database: z
      .string()
      .regex(/^[A-Za-z_]\w{0,63}$/, 'is no database name')
      .default('picket')
      .describe("Database for the tables, created when missing. Default 'picket'."),
    user: z.string().min(1).max(128).default('default').describe("User at the server. Default 'default'."),
    password: secretReference
      .optional()
      .describe('Reference to the password: env:NAME or file:/path. Default: none.'),
    spill_max: size
      .refine((bytes) => bytes >= spillBytesLeast, 'must be at least 100MB')
      .default(1e9)
      .describe(
        'Most that copies may take in `<data_dir>/spill/` while ClickHouse is slow or away, such as 512MB. Default 1GB, which holds some 10 million events. Beyond it raw events are skipped, and their ranges are recorded in skipped.ndjson there. With `cluster` they wait in Kafka instead.',
      ),
  })
  .prefault({})
  .describe('Copies for analysis, history and baselines. Findings do not depend on it.')
