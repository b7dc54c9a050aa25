import { describe, expect, it } from 'vitest'
import { picketConfigSchema } from './picket-config.ts'
import { invalidMessages } from './testing/invalid-messages.ts'

const step = (settings: string) =>
  `version: 1\nid: p\non: finding.score > 0.5\nsteps:\n  - { id: s, action: throttle, target: finding.entity, ttl: 1m, ${settings} }\n`

/** One of each kind of map: the file, its name, and what of it may not be called so. */
const maps: readonly (readonly [name: string, place: string, text: (key: string) => string])[] = [
  ['config.yaml', 'detectors', (key) => `detectors: { ${key}: { enabled: true } }\n`],
  ['config.yaml', 'a detector', (key) => `detectors: { jti-reuse: { ${key}: 1 } }\n`],
  [
    'config.yaml',
    'inside a detector',
    (key) => `detectors: { credential-stuffing: { allow: { ${key}: 1 } } }\n`,
  ],
  ['config.yaml', 'response.modes', (key) => `response: { modes: { ${key}: enforce } }\n`],
  ['config.yaml', 'response.limits', (key) => `response: { limits: { ${key}: 3 } }\n`],
  ['config.yaml', 'a source', (key) => `sources: [{ type: stdin, ${key}: 3 }]\n`],
  ...Object.keys(picketConfigSchema.shape.ingest.unwrap().shape)
    .filter((format) => !['canonical', 'query_allowlist'].includes(format))
    .map((format) => {
      const text = (key: string) => `ingest: { ${format}: { fields: { ${key}: a } } }\n`
      return ['config.yaml', `ingest.${format}.fields`, text] as const
    }),
  ['config.yaml', 'the file', (key) => `${key}: 3\n`],
  ['playbook-p.yaml', 'with', (key) => step(`with: { rate: 5/m, ${key}: 1 }`)],
  ['playbook-p.yaml', 'a step', (key) => step(`with: { rate: 5/m }, ${key}: 1`)],
  ['playbook-p.yaml', 'limits', (key) => `${step('with: { rate: 5/m }')}limits: { ${key}: 1 }\n`],
]

describe.each(['__proto__', 'toString', 'constructor', 'hasOwnProperty'])('%s as a setting', (key) => {
  it.each(maps)('of %s: %s is one problem, with its place and a hint', (file, _place, text) => {
    const messages = invalidMessages(file, text(key))
    expect(messages.match(/^[\w-]+\.yaml:\d+:\d+: /gm)).toHaveLength(1)
    expect(messages).toContain(key)
    expect(messages).toContain('\n  hint: ')
  })
})

it.each(['toString', '__proto__', 'Contain-JTI'])(
  'a mode for %s names the playbooks that there are',
  (id) => {
    expect(invalidMessages('config.yaml', `response: { modes: { ${id}: enforce } }\n`)).toMatch(
      /no playbook is called '.*'\n(?:.*\n)*.*hint: .*contain-jti-reuse/,
    )
  },
)

it('a mode that no playbook can be called is told beside playbooks that are not there', () => {
  const text = 'playbooks: [./gone]\nresponse: { modes: { __proto__: enforce, own: enforce } }\n'
  expect(invalidMessages('config.yaml', text).match(/^config\.yaml:\d+:\d+: .*$/gm)).toEqual([
    expect.stringContaining('playbook ./gone'),
    "config.yaml:2:22: no playbook is called '__proto__'",
  ])
})
