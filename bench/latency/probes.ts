import { performance } from 'node:perf_hooks'
import type { Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Event } from '../../core/event/event.ts'
import { gatewayLine } from '../workloads/gateway-line.ts'
import { addressOf, requestFacts } from '../workloads/people.ts'
import type { AuthzClient, Claims } from './authz-client.ts'
import { wallMs } from './paced-lines.ts'

/** A decision that is not there after so long does not come. */
const givenUpMs = 20_000
/** Between two questions about the same client; each latency may be this much too long. */
const pollMs = 2

/** Milliseconds from `startedAt` until ext_authz refuses, or `undefined` when it never does. */
export async function untilRefused(
  authz: AuthzClient,
  claims: Claims,
  startedAt: number,
): Promise<number | undefined> {
  for (;;) {
    if (await authz.isRefused(claims)) return performance.now() - startedAt
    if (performance.now() - startedAt > givenUpMs) return undefined
    await sleep(pollMs)
  }
}

/** A token that is let in minutes after its end: one such event proves it. */
export function sendExpiredToken(out: Writable, serial: number): Claims {
  const now = Math.floor(wallMs())
  const claims = { sub: `late-${serial}`, jti: `expired-${serial}-${now}` }
  const event: Event = {
    ...requestFacts(now, serial),
    route: '/account/profile',
    path: '/account/profile',
    'client.ip': addressOf(serial, 71),
    'client.user_agent': 'ShopApp/7.2 (Android 15)',
    'principal.id': claims.sub,
    'token.jti': claims.jti,
    'token.iat': now - 3_600_000,
    'token.exp': now - 300_000,
  }
  out.write(gatewayLine(event))
  return claims
}

/** The `step`th request of a caller who walks order ids in a row; half of them are refused by the service. */
export function sendStepOfWalk(out: Writable, walker: string, index: number, step: number): void {
  const now = Math.floor(wallMs())
  const id = String(5_000_000 + index * 10_000 + step)
  const event: Event = {
    ...requestFacts(now, index * 1000 + step),
    status: step % 2 === 0 ? 403 : 200,
    route: '/invoices/{id}',
    path: `/invoices/${id}`,
    'client.ip': addressOf(index, 72),
    'client.user_agent': 'python-requests/2.32',
    'principal.id': walker,
    'object.type': 'invoices',
    'object.id': id,
  }
  out.write(gatewayLine(event))
}
