import { defineDetector } from '../../core/detector/detector.ts'
import { memory, pane } from './cells.ts'
import { config } from './config.ts'
import { evidence } from './evidence.ts'
import { judgeWalks, leastRequests } from './judge-walks.ts'
import { observeRequest, reads } from './observe-request.ts'

export const sequentialEnumeration = defineDetector({
  id: 'sequential-enumeration',
  version: 1,
  summary: 'One caller walks the object ids of a route in order.',
  threats: ['OWASP-API1:2023', 'CWE-639', 'MITRE-T1119'],
  config,
  // Edge and service may both see a request; ids are a set, and requests are counted for each vantage.
  vantage: 'any',
  reads,
  cost: 19,
  blames: ['principal', 'key', 'client', 'ip'],
  window: ({ window, retention }) => ({ size: window, pane: '15s', memory: { pane: '1h', retention } }),
  observes: ({ window, retention, ordinal_types, asset_suffixes, allow }) => {
    return { window, retention, ordinal_types, asset_suffixes, allow }
  },
  pane,
  memory,
  // Every id that counts takes an event.
  eventsMin: leastRequests,
  sums: ['ids', 'troubled'],
  observe: observeRequest,
  judge: (window, context) => judgeWalks(window, context.config),
  evidence,
})
