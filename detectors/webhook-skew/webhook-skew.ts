import { defineDetector } from '../../core/detector/detector.ts'
import { countDelivery, memoryShape, paneShape } from './cells.ts'
import { config } from './config.ts'
import { deliveryOf, deliveryReads } from './delivery.ts'
import { evidence } from './evidence.ts'
import { judgeAddress, judgeProvider } from './judge-provider.ts'
import { sightingOf } from './sighting.ts'

export const webhookSkew = defineDetector({
  id: 'webhook-skew',
  version: 1,
  summary: 'Webhooks are replayed, forged, or bear timestamps that no honest sender would.',
  threats: ['CWE-294', 'CWE-347', 'MITRE-T1557'],
  config,
  // Only the service may know the signature, only the edge the sender; ids are kept apart by view.
  vantage: 'any',
  reads: [...deliveryReads],
  cost: 6,
  blames: ['provider', 'ip'],
  window: ({ window, retention }) => ({ size: window, pane: '1m', memory: { pane: '12h', retention } }),
  observes: ({ window, retention, hook_segments, ignore_providers, late_answer }) => {
    return { window, retention, hook_segments, ignore_providers, late_answer }
  },
  pane: paneShape,
  memory: memoryShape,
  observe(event, emit, options) {
    const delivery = deliveryOf(event, options)
    if (!delivery) return
    const { provider, sender, succeeded, forged, id, timestamp } = delivery
    // Where ids or timestamps are known, what was refused is judged by them.
    const refused = delivery.refused && id === undefined && timestamp === undefined
    const failed = forged || refused
    const facts = {
      successes: succeeded ? 1 : 0,
      forged: forged ? 1 : 0,
      refused: refused ? 1 : 0,
      first_success: succeeded ? event.time : undefined,
      first_failure: failed ? event.time : undefined,
    }
    const view = event.vantage ?? ''
    const ofProvider = emit('provider', provider)
    const sighting = sightingOf(delivery)
    if (ofProvider) {
      if (sighting) ofProvider.sightings.add(...sighting)
      countDelivery(ofProvider, delivery)
      ofProvider.senders.add(`${view}\u0000${sender ?? ''}`, facts)
    }
    const ofSender = sender === undefined ? undefined : emit('ip', sender)
    if (!ofSender) return
    ofSender.senders.add(`${view}\u0000${provider.slice(0, 256)}`, facts)
    countDelivery(ofSender, delivery)
    if (forged) ofSender.forgedIds.add(id ?? `${event.time}`)
  },
  judge(window, context) {
    const judgeOne = window.entity.kind === 'ip' ? judgeAddress : judgeProvider
    return judgeOne(window, context.config)
  },
  evidence,
})
