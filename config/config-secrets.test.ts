import { describe, expect, it } from 'vitest'
import { configSecrets, missingSecrets } from './config-secrets.ts'
import { configFromText } from './load-config.ts'
import type { SecretSources } from './secret.ts'
import { context, repository } from './testing/stand-ins.ts'
import { parseLocatedYaml } from './yaml/located-yaml.ts'

const text = `sources:
  - { type: stdin }
  - type: kafka
    brokers: [k:9092]
    topics: [{ name: t }]
    sasl: { mechanism: plain, username: u, password: env:KAFKA }
  - { type: http, token: env:SENDERS, more_tokens: [env:OTHERS] }
privacy: { key: env:KEY }
actions: { page: { routing_key: file:/run/routing } }
clickhouse: { url: http://c:8123, password: env:CLICKHOUSE }
`
const nothing: SecretSources = {
  env: {},
  readText: () => {
    throw Object.assign(new Error('no'), { code: 'ENOENT' })
  },
}
const missing = (source: string, sources: SecretSources) =>
  missingSecrets(configSecrets(parseLocatedYaml('picket.yaml', source)), sources).map(
    ({ line, col, message }) => `${line}:${col}: ${message}`,
  )

describe('secrets', () => {
  it('that are not there are told with what picket run does then', () => {
    const unset = 'the environment variable is not set'
    expect(missing(text, nothing)).toEqual([
      `6:54: sources[1].sasl.password: env:KAFKA: ${unset}; picket run will not start`,
      `7:26: sources[2].token: env:SENDERS: ${unset}; picket run will not start`,
      `7:53: sources[2].more_tokens[0]: env:OTHERS: ${unset}; picket run will not start`,
      `8:17: privacy.key: env:KEY: ${unset}; picket run will not start`,
      "9:33: actions.page.routing_key: file:/run/routing: the file can't be read (ENOENT); picket run will not start",
      `10:45: clickhouse.password: env:CLICKHOUSE: ${unset}; picket run will judge, but keep no copies for analysis`,
    ])
  })

  it('that are there are no matter', () => {
    const env = {
      KAFKA: 'a',
      SENDERS: 'sixteen bytes ok',
      OTHERS: 'sixteen bytes ok',
      KEY: 'sixteen bytes ok',
      CLICKHOUSE: 'b',
    }
    expect(missing(text, { env, readText: () => 'c\n' })).toEqual([])
  })

  it('that are empty or too short are as good as none, and are never shown', () => {
    const env = { KAFKA: '', KEY: 'hunter2', CLICKHOUSE: 'b' }
    const found = missing(text, { env, readText: () => '\n' }).join('\n')
    expect(found).toContain('env:KAFKA: is empty')
    expect(found).toContain('env:KEY is shorter than 16 bytes')
    expect(found).toContain('file:/run/routing: is empty')
    expect(found).not.toContain('hunter2')
  })

  it('have the hint that fits what is wrong with them', () => {
    const hints = (reference: string, readText: SecretSources['readText']) =>
      missingSecrets(configSecrets(parseLocatedYaml('picket.yaml', `privacy: { key: ${reference} }`)), {
        env: { KEY: 'short' },
        readText,
      }).map(({ hint }) => hint)
    const failing = (code: string) => () => {
      throw Object.assign(new Error('no'), { code })
    }
    expect(hints('file:/k', () => 'short')).toEqual([
      'write at least 16 bytes (openssl rand -hex 32 prints enough) into the file',
    ])
    expect(hints('env:KEY', failing('ENOENT'))).toEqual([
      'set KEY to at least 16 bytes (openssl rand -hex 32 prints enough)',
    ])
    expect(hints('file:/k', () => '\n')).toEqual(['write the secret into the file'])
    expect(hints('file:/k', failing('ENOENT'))).toEqual([
      'put the file there, readable for the user of picket run',
    ])
    expect(hints('file:/k', failing('EACCES'))).toEqual([
      'let the user of picket run read the file and enter its folders',
    ])
  })

  it('are found beside mistakes', () => {
    expect(missing(`${text}log: loud\nlog: { level: 3 }\n`, nothing)).toHaveLength(6)
  })

  it('are all those that the schema takes', () => {
    // A literal in every place: what the schema refuses as one must be looked up as a secret.
    const literals = text.replaceAll(/(?:env|file):[\w/]+/g, 'literal')
    const result = configFromText('picket.yaml', literals, repository, context)
    const refused = result.ok
      ? []
      : result.problems.filter(({ message }) => message.includes('must refer to the '))
    expect(refused).toHaveLength(configSecrets(parseLocatedYaml('picket.yaml', text)).length)
  })
})
