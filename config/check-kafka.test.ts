import { expect, it } from 'vitest'
import { invalidMessages } from './testing/invalid-messages.ts'

const source = (settings: string, topics = '[{ name: a }]') =>
  `sources:\n  - { type: kafka, brokers: ['k:9092'], topics: ${topics}, ${settings} }\n`

it.each([
  ['TLS that is turned off', source('ssl: false, tls: { ca: file:/ca.pem }'), 'turns TLS off'],
  ['a certificate without its key', source('tls: { cert: file:/c.pem }'), 'belong together'],
  ['a certificate in the file', source('tls: { ca: "-----BEGIN" }'), 'must refer to the secret'],
  ['a client that there is not', source('client: kafka-node'), 'must be one of kafkajs, rdkafka'],
  ['a topic twice', source('from: latest', '[{ name: a }, { name: a }]'), "topic 'a' stands here twice"],
  ['a pattern twice', source('from: latest', "[{ pattern: '^a' }, { pattern: '^a' }]"), 'stands here twice'],
  [
    'name and pattern',
    source('from: latest', "[{ name: a, pattern: '^a' }]"),
    'either a `name` or a `pattern`',
  ],
  ['neither', source('from: latest', '[{ format: envoy }]'), 'either a `name` or a `pattern`'],
  ['a pattern that is none', source('from: latest', "[{ pattern: '^(' }]"), 'is no regular expression'],
  ['a pattern without ^', source('from: latest', "[{ pattern: 'access' }]"), 'must start with ^'],
  ['one that takes time without end', source('from: latest', "[{ pattern: '^(a+)+$' }]"), 'repeats already'],
  [
    'refused records that come round',
    `${source('from: latest', '[{ name: picket.dead-letters }]')}dead_letters: { kafka: { brokers: ['k:9092'] } }\n`,
    'would be refused again',
  ],
])('%s is one problem with its place', (_what, text, message) => {
  const messages = invalidMessages('config.yaml', text)
  expect(messages.match(/^config\.yaml:\d+:\d+: /gm)).toHaveLength(1)
  expect(messages).toContain(message)
})

it.each([
  source('ssl: true'),
  source('tls: { ca: file:/ca.pem, cert: file:/c.pem, key: env:KEY, passphrase: env:PASS }, client: rdkafka'),
  source('from: latest', "[{ name: picket.other }, { pattern: '^access\\.' }]"),
  "dead_letters: { kafka: { brokers: ['k:9092'], topic: refused, ssl: true } }\n",
])('%s is fine', (text) => {
  expect(invalidMessages('config.yaml', text)).toBe('no problem was found')
})
