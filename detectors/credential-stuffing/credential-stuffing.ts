import { defineDetector } from '../../core/detector/detector.ts'
import { attemptOf, attemptReads } from './attempt.ts'
import { addAttempt, memoryShape, paneMs, paneShape } from './cells.ts'
import { config } from './config.ts'
import { evidence } from './evidence.ts'
import { judgeWindow } from './judge-window.ts'
import { leastTries } from './least-tries.ts'
import { measuresOf } from './measures.ts'

export const credentialStuffing = defineDetector({
  id: 'credential-stuffing',
  version: 1,
  summary: 'Many accounts are tried from one place, or spread over many places of a login route.',
  threats: ['OWASP-API2:2023', 'OWASP-OAT-008', 'MITRE-T1110.003', 'MITRE-T1110.004'],
  config,
  // The gateway sees addresses and statuses, the service accounts and outcomes; the two are counted apart.
  vantage: 'any',
  reads: attemptReads,
  cost: 13,
  blames: ['ip', 'network', 'fingerprint', 'route'],
  window: ({ window, retention }) => ({
    size: window,
    pane: `${paneMs}ms`,
    memory: { pane: '1d', retention },
  }),
  observes: ({ window, retention, login_routes, form_routes, allow: { ips, networks } }) => {
    return { window, retention, login_routes, form_routes, ips, networks }
  },
  pane: paneShape,
  memory: memoryShape,
  observe(event, emit, config) {
    const attempt = attemptOf(event, config)
    if (!attempt) return
    const { address, network, fingerprint, route } = attempt
    const places = [
      ['ip', address],
      ['network', network],
      ['fingerprint', fingerprint],
      ['route', route],
    ] as const
    for (const [kind, id] of places) {
      const cells = emit(kind, id)
      if (cells) addAttempt(cells, kind, attempt)
    }
  },
  // Every account, and every failure, takes a try.
  eventsMin: (config) => Math.min(...leastTries(config).values()),
  judge: judgeWindow,
  measuredKinds: ['route'],
  measures: measuresOf,
  evidence,
})
