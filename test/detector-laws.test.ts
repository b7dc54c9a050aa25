import type { Event } from '../core/event/event.ts'
import { credentialStuffing } from '../detectors/credential-stuffing/credential-stuffing.ts'
import { jtiReuse } from '../detectors/jti-reuse/jti-reuse.ts'
import { sequentialEnumeration } from '../detectors/sequential-enumeration/sequential-enumeration.ts'
import { webhookSkew } from '../detectors/webhook-skew/webhook-skew.ts'
import { runDetectorLaws } from './contracts/detector-laws.ts'
import { stolenToken } from './scenarios/jti-reuse.ts'
import { webhookForgery, webhookReplay, webhookTraffic } from './scenarios/webhook-skew.ts'

const start = Date.UTC(2026, 0, 5, 9)

runDetectorLaws({
  detector: sequentialEnumeration,
  config: { ids_min: 8, ids_min_clean: 20, slow_ids_min: 12, slow_ids_min_clean: 40 },
  attack: Array.from(
    { length: 200 },
    (_, index): Event => ({
      time: start + index * 2000,
      route: '/orders/{id}',
      'object.id': String(5000 + index),
      'principal.id': 'mallory',
      'client.ip': '203.0.113.9',
      status: index % 3 === 0 ? 200 : 403,
    }),
  ),
})

runDetectorLaws({
  detector: jtiReuse,
  config: { uses_min: 1, slow_alternations_min: 2, audiences: { orders: ['orders'] }, leeway: '30s' },
  attack: stolenToken(1, start),
})

const deliveries = webhookTraffic({ seed: 3, start, count: 60, everyMs: 8000 })
runDetectorLaws({
  detector: webhookSkew,
  config: {
    skewed_ids_min: 2,
    replayed_ids_min: 1,
    foreign_ids_min: 1,
    repeats_min: 2,
    signature_failures_min: 2,
  },
  attack: [
    ...deliveries,
    ...webhookReplay({ seed: 4, start: start + 900_000, everyMs: 5000, captured: deliveries.slice(0, 20) }),
    ...webhookForgery({ seed: 5, start: start + 900_000, everyMs: 5000, count: 20 }),
  ],
})

runDetectorLaws({
  detector: credentialStuffing,
  config: {
    address: { accounts_min: 4, failures_min: 5 },
    network: { accounts_min: 5, failures_min: 6, addresses_min: 2 },
    fingerprint: { accounts_min: 5, failures_min: 6, addresses_min: 2, failed_share_min: 0.5 },
    route: { accounts_floor: 5, addresses_floor: 3, failures_floor: 6 },
    slow: { address_accounts_min: 6, network_accounts_min: 8, failures_min: 12, recent_min: 1 },
  },
  attack: Array.from(
    { length: 120 },
    (_, index): Event => ({
      time: start + index * 4000,
      kind: 'auth',
      route: '/login',
      status: index % 20 === 19 ? 200 : 401,
      'client.ip': index < 60 ? '203.0.113.9' : `198.51.${index % 40}.${index}`,
      'client.ja4': `t13d${index}`,
      'auth.account': `k1:leaked-${index}`,
      'auth.outcome': index % 20 === 19 ? 'success' : 'failure',
    }),
  ),
})
