import { defineDetector } from '../../core/detector/detector.ts'
import { memory, pane } from './cells.ts'
import { config } from './config.ts'
import { evidence } from './evidence.ts'
import { judgeToken, proveToken } from './judge-token.ts'
import { observedSettings, observeToken, tokenReads } from './observe-token.ts'

export const jtiReuse = defineDetector({
  id: 'jti-reuse',
  version: 1,
  summary: 'One token is used where or when its owner cannot be using it.',
  threats: ['OWASP-API2:2023', 'CWE-294', 'CWE-613', 'MITRE-T1550.001'],
  config,
  // The point is to join what gateway and services saw of one token; views of one use are counted once.
  vantage: 'any',
  reads: tokenReads,
  cost: 15,
  blames: ['token', 'session'],
  window: ({ window, retention }) => ({ size: window, pane: '1m', memory: { pane: '1h', retention } }),
  observes: observedSettings,
  pane,
  memory,
  observe: observeToken,
  proves: (cells, { entity }) => proveToken(cells, entity.kind),
  judge: (window, context) => judgeToken(window, context.config),
  evidence,
})
