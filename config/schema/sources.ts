import { z } from 'zod'
import { pushed } from './pushed-sources.ts'
import { common, format, sourceName, trustMarks, vantage } from './source-values.ts'
import { filePath, hostPort, secretReference } from './values.ts'

const file = z
  .strictObject({
    type: z.literal('file').describe('Reads log files.'),
    name: sourceName('file'),
    paths: z
      .array(filePath)
      .min(1)
      .max(1024)
      .describe(
        'Files, plain or .gz; several are merged by event time. Relative paths start at the folder of this file.',
      ),
    format,
    follow: z
      .boolean()
      .default(false)
      .describe(
        'Whether to wait for more at the end of the files, over rotation. Default false: read once and end.',
      ),
    ...common,
  })
  .describe('Files, read once or followed as they grow.')

const stdin = z
  .strictObject({
    type: z.literal('stdin').describe('Reads standard input.'),
    name: sourceName('stdin'),
    format,
    ...common,
  })
  .describe('Standard input. It cannot be read again, so events in flight at a crash are lost.')

const topic = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9._-]{1,249}$/, 'is no Kafka topic name')
      .describe('Name of the topic.'),
    format,
    vantage,
    trust_marks: trustMarks
      .optional()
      .describe('Overrides `trust_marks` of the source for this topic. Default: as the source.'),
  })
  .describe('One topic.')

const sasl = z
  .strictObject({
    mechanism: z
      .enum(['plain', 'scram-sha-256', 'scram-sha-512'])
      .describe('SASL mechanism. `plain` sends the password itself, so use it with `ssl` only.'),
    username: z.string().min(1).describe('User name at the brokers.'),
    password: secretReference.describe('Reference to the password: env:NAME or file:/path.'),
  })
  .describe('How to log in at the brokers. Default: no login.')

const kafka = z
  .strictObject({
    type: z.literal('kafka').describe('Reads Kafka topics.'),
    name: sourceName('kafka'),
    brokers: z.array(hostPort).min(1).max(64).describe('Brokers to start from, host:port.'),
    topics: z.array(topic).min(1).max(256).describe('Topics to read, all partitions of each.'),
    group: z
      .string()
      .min(1)
      .max(249)
      .default('picket')
      .describe(
        "Consumer group, in which committed offsets show the lag. Default 'picket'. Picket's own positions stand in its state store, so changing it reads nothing again.",
      ),
    from: z
      .enum(['earliest', 'latest'])
      .default('earliest')
      .describe(
        'Where the first start begins; later ones go on where they were. Default earliest, which reads the whole retention once.',
      ),
    ssl: z
      .boolean()
      .default(false)
      .describe(
        'Whether to speak TLS with the brokers, checked against the system authorities. Default false.',
      ),
    sasl: sasl.optional(),
    ...common,
  })
  .describe('Kafka topics. Positions are kept in the state store, in one transaction with what was found.')

/** Where events come from. */
export const sources = z
  .array(z.discriminatedUnion('type', [file, stdin, kafka, ...pushed]))
  .max(64)
  .default([])
  .describe(
    'Where events come from. Default: none, and `run` needs at least one; `replay` names its files itself.',
  )

export type SourceConfig = z.output<typeof sources>[number]
