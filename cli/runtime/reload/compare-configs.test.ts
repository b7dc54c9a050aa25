import { expect, it } from 'vitest'
import { configFromText, type LoadedConfig } from '../../../config/load-config.ts'
import type { Detector } from '../../../core/detector/detector.ts'
import { configContext } from '../shipped.ts'
import { compareConfigs } from './compare-configs.ts'

const context = configContext()

function loaded(text: string): LoadedConfig<Detector> {
  const result = configFromText('picket.yaml', text, '/etc/picket', context)
  if (!result.ok) throw new Error(JSON.stringify(result.problems))
  return result
}

const base = 'sources: [{ type: file, paths: [a.log] }]\n'

it.each([
  ['nothing', base, [], []],
  ['a default that is written out', `${base}workers: 1\nlog: { level: info }\n`, [], []],
  ['the log level', `${base}log: { level: debug }\n`, ['log'], []],
  ['who is protected', `${base}response: { protected: { ips: [203.0.113.1] } }\n`, ['response'], []],
  [
    'a mode',
    `${base}response: { modes: { contain-jti-reuse: enforce } }\n`,
    ['response', 'playbook contain-jti-reuse'],
    [],
  ],
  ['a source', 'sources: [{ type: file, paths: [b.log] }]\n', [], ['sources']],
  ['where state is', `${base}data_dir: other\n`, ['response'], ['data_dir', 'response.kill_switch_file']],
  ['the port of the status', `${base}status: {}\n`, [], ['status']],
  ['a detector', `${base}detectors: { jti-reuse: { enabled: false } }\n`, [], ['detectors.jti-reuse']],
  ['a threshold', `${base}detectors: { jti-reuse: { window: 20m } }\n`, [], ['detectors.jti-reuse']],
  [
    'playbooks and routes at once',
    `${base}playbooks: []\nroutes: ['/orders/{id}']\n`,
    [
      'playbook contain-credential-stuffing',
      'playbook contain-jti-reuse',
      'playbook contain-sequential-enumeration',
      'playbook contain-webhook-skew',
    ],
    ['routes'],
  ],
])('tells %s', (_what, text, live, restart) => {
  expect(compareConfigs(loaded(base), loaded(text))).toEqual({ live, restart })
})
