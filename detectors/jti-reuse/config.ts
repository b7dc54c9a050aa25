import { z } from 'zod'
import type { Duration } from '../../core/time/duration.ts'

const duration = z
  .string()
  .regex(/^\d{1,9}(ms|s|m|h|d)$/, 'write digits and a unit, such as 10m') as z.ZodType<Duration>
const count = z.number().int().min(1)
const texts = z.array(z.string().min(1))

/** Tuning of token reuse; the reason of each default stands in the README. */
export const config = z.strictObject({
  window: duration
    .default('1h')
    .describe(
      'How far one judgement of interleaved use looks back, in whole minutes. Each minute costs up to 128 places per token.',
    ),
  retention: duration
    .default('48h')
    .describe('How long log-outs and quarter-hours of use are remembered. Costs up to 512 rows per token.'),
  leeway: duration
    .default('60s')
    .describe('Clock skew granted around issue, expiry and log-out. Longer hides short misuse after expiry.'),
  alternations_min: count
    .min(2)
    .default(2)
    .describe(
      'Changes between two different clients in different networks that make a finding: 2 is A, B, A. Higher misses a single burst.',
    ),
  slow_alternations_min: count
    .min(2)
    .default(4)
    .describe(
      'The same over the retention. Lower fires on a token that honest software hands on and back within a day.',
    ),
  fingerprint_alternations_min: count
    .min(2)
    .default(3)
    .describe(
      'Changes needed when only the TLS fingerprint differs, or both addresses lie in one network. Lower fires behind TLS inspection.',
    ),
  country_alternations_min: count
    .min(2)
    .default(4)
    .describe(
      'Changes between two countries needed when the client looks the same. Lower fires on people who switch a VPN on and off.',
    ),
  asn_alternations_min: count
    .min(2)
    .default(6)
    .describe(
      'Changes between two providers needed when the user agent is the same and no fingerprint is known; a note. Lower notes phones that flap.',
    ),
  network_alternations_min: count
    .min(2)
    .default(8)
    .describe(
      'Changes between two far IPv4 networks needed when nothing but the same user agent is known; a note. Lower notes more offices with two uplinks.',
    ),
  uses_min: count
    .default(2)
    .describe(
      'Uses that each of the two clients must have made. 1 also fires on link scanners that open a link once.',
    ),
  travel_window: duration
    .default('30m')
    .describe(
      'A different client in another country within this time is a finding without coming back. Longer fires on handed-on links.',
    ),
  audience_mode: z
    .enum(['auto', 'strict', 'off'])
    .default('auto')
    .describe(
      '`auto` learns from the token whether its audience names services; `strict` makes every service outside it a finding; `off` ignores audiences except those in `audiences`.',
    ),
  audiences: z
    .record(z.string(), texts)
    .default({})
    .describe('Accepted audiences by service name. For a service named here nothing is guessed.'),
  general_audiences: texts
    .default([
      'account',
      'all',
      'any',
      'api',
      'app',
      'backend',
      'client',
      'default',
      'dev',
      'edge',
      'frontend',
      'gateway',
      'internal',
      'mobile',
      'platform',
      'portal',
      'prod',
      'project',
      'public',
      'spa',
      'staging',
      'test',
      'user',
      'users',
      'web',
      'website',
      'www',
    ])
    .describe(
      'Words that make an audience a general one, which names no single service. Add the product or company name if tokens carry it.',
    ),
  auth_routes: texts
    .default([
      'authorize',
      'callback',
      'introspect',
      'log-in',
      'log-out',
      'login',
      'logout',
      'refresh',
      'revoke',
      'sign-in',
      'sign-out',
      'signin',
      'signout',
      'token',
    ])
    .describe(
      'Last path segments that take dead tokens by design; use there is no use after expiry or log-out.',
    ),
  logout_routes: texts
    .default(['log-out', 'logout', 'sign-out', 'signout'])
    .describe(
      'Last path segments that end a session, where the log has no `auth.outcome`: any answer 2xx or 3xx, for GET only a redirect.',
    ),
  session_logouts: z
    .boolean()
    .default(true)
    .describe(
      'Remember log-outs that name only `session.id`, and blame the session. Costs a second state for every session.',
    ),
  trusted_networks: z
    .array(z.union([z.cidrv4(), z.cidrv6()]))
    .default([])
    .describe(
      'Networks of own infrastructure that hold tokens of others (rendering backends, gateways), as CIDR. Theft from there is not seen.',
    ),
  trusted_user_agents: texts
    .default([])
    .describe(
      'Beginnings of user agents of own infrastructure. An attacker can send them, so prefer `trusted_networks`.',
    ),
})
export type Config = z.output<typeof config>
