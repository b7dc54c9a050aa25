import { z } from 'zod'
import { common, format, sourceName, trustMarks, vantage } from './source-values.ts'
import { hostPort, secretReference } from './values.ts'

const sasl = z
  .strictObject({
    mechanism: z
      .enum(['plain', 'scram-sha-256', 'scram-sha-512'])
      .describe('SASL mechanism. `plain` sends the password itself, so use it with `ssl` only.'),
    username: z.string().min(1).describe('User name at the brokers.'),
    password: secretReference.describe('Reference to the password: env:NAME or file:/path.'),
  })
  .describe('How to log in at the brokers. Default: no login.')

const tls = z
  .strictObject({
    ca: secretReference
      .optional()
      .describe(
        'Reference to the PEM certificates of the authority that signed those of the brokers: file:/path or env:NAME. Default: the system authorities.',
      ),
    cert: secretReference
      .optional()
      .describe(
        'Reference to our own PEM certificate, for brokers that ask for one: file:/path or env:NAME. Default: none.',
      ),
    key: secretReference
      .optional()
      .describe('Reference to the PEM private key of `cert`: file:/path or env:NAME. Default: none.'),
    passphrase: secretReference
      .optional()
      .describe('Reference to the passphrase of `key`, where it is encrypted. Default: none.'),
  })
  .refine(({ cert, key }) => (cert === undefined) === (key === undefined), {
    error: '`cert` and `key` belong together',
  })
  .describe('What TLS with the brokers is checked against, and who we are. Implies `ssl`.')

/** How to reach Kafka, wherever it is configured. */
export const kafkaConnection = {
  brokers: z.array(hostPort).min(1).max(64).describe('Brokers to start from, host:port.'),
  ssl: z
    .boolean()
    .optional()
    .describe(
      'Whether to speak TLS with the brokers. Default true with `tls`, else false. Without `tls.ca` the system authorities are trusted; names are always checked.',
    ),
  tls: tls.optional(),
  sasl: sasl.optional(),
}

/** A group that is repeated and repeats something itself takes time without end on some names. */
const repeatedRepetition = /\([^()]*[+*}][^()]*\)[+*{]/

const topicPattern = z
  .string()
  .min(1)
  .max(256)
  .refine(isRegExp, 'is no regular expression')
  .refine((text) => text.startsWith('^'), 'must start with ^, so that it says where names begin')
  .refine((text) => !repeatedRepetition.test(text), 'must not repeat what repeats already, such as (a+)+')
  .describe(
    "Regular expression of topic names, such as '^access\\..*'. Default: none. Topics that come to match are found within 15 s; internal ones and picket.* never match.",
  )

const topic = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9._-]{1,249}$/, 'is no Kafka topic name')
      .optional()
      .describe('Name of the topic. Default: none; needed unless there is a `pattern`.'),
    pattern: topicPattern.optional(),
    format,
    vantage,
    trust_marks: trustMarks
      .optional()
      .describe('Overrides `trust_marks` of the source for this topic. Default: as the source.'),
  })
  .refine(({ name, pattern }) => (name === undefined) !== (pattern === undefined), {
    error: 'needs either a `name` or a `pattern`',
  })
  .describe('One topic, or all whose names match. A topic that several entries take belongs to the first.')

export const kafka = z
  .strictObject({
    type: z.literal('kafka').describe('Reads Kafka topics.'),
    name: sourceName('kafka'),
    ...kafkaConnection,
    client: z
      .enum(['kafkajs', 'rdkafka'])
      .default('kafkajs')
      .describe(
        'Library that reads. Default kafkajs, which needs no compiler and reads faster. rdkafka is librdkafka in the package node-rdkafka, which you install yourself; it reads batches that kafkajs can not.',
      ),
    topics: z.array(topic).min(1).max(256).describe('Topics to read, all partitions of each.'),
    group: z
      .string()
      .min(1)
      .max(249)
      .default('picket')
      .describe(
        "Consumer group, in which committed offsets show the lag. Default 'picket'. Picket's own positions stand in its state store, so changing it reads nothing again. Two Pickets with states of their own need two groups.",
      ),
    from: z
      .enum(['earliest', 'latest'])
      .default('earliest')
      .describe(
        'Where the first start begins; later ones go on where they were. Default earliest, which reads the whole retention once. Partitions and topics that appear later are read from their start.',
      ),
    ...common,
  })
  .describe('Kafka topics. Positions are kept in the state store, in one transaction with what was found.')

/** Where refused input goes, beside the newest 10,000 in the state. */
export const deadLetters = z
  .strictObject({
    kafka: z
      .strictObject({
        ...kafkaConnection,
        topic: z
          .string()
          .regex(/^[A-Za-z0-9._-]{1,249}$/, 'is no Kafka topic name')
          .default('picket.dead-letters')
          .describe("Topic, made when it is missing. Default 'picket.dead-letters'."),
      })
      .optional()
      .describe(
        'A topic that refused input is sent to once it is in the state: at least once, under its position as key. Default: none.',
      ),
  })
  .prefault({})
  .describe('Where input goes that is no event. `picket dead-letters` shows the newest in any case.')

function isRegExp(text: string): boolean {
  try {
    new RegExp(text)
    return true
  } catch {
    return false
  }
}
