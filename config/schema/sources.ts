import { z } from 'zod'
import { duration, filePath, hostPort, name, secretReference } from './values.ts'

/** Formats that a source may name; without a name the first lines tell. */
export const formatIds = ['canonical', 'envoy', 'combined', 'nginx-json'] as const

const format = z
  .enum(formatIds)
  .optional()
  .describe(
    'Format of the records. Default: told from the first lines, which costs nothing but fails on mixed files.',
  )
const vantage = z
  .enum(['edge', 'service'])
  .optional()
  .describe(
    'Who saw the events, where they do not say so themselves: the gateway (edge) or the service. Default: not said, and every detector reads them; then edge and service logs of one request count twice.',
  )
const trustMarks = z
  .boolean()
  .default(false)
  .describe(
    'Whether `enforced_by` marks of this source are believed. Default false, because whoever can write such a mark hides failures from status-based counts; set it for gateways that strip it from upstreams.',
  )

const common = {
  lateness: duration
    .default('30s')
    .describe(
      'How far events may arrive out of order. Default 30s. Longer delays every final finding by as much and keeps more panes open; shorter counts more events as late.',
    ),
  idle: duration
    .default('60s')
    .describe(
      'After how long without a record a partition no longer holds the watermark back. Default 60s. Shorter makes records after a pause late; longer delays findings of the other partitions.',
    ),
  vantage,
  trust_marks: trustMarks,
}

function sourceName(type: string) {
  return name
    .default(type)
    .describe(
      `Name of the source, part of every event's position. Default '${type}'. Renaming it reads the source from the start again, so events are judged a second time.`,
    )
}

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
  .array(z.discriminatedUnion('type', [file, stdin, kafka]))
  .max(64)
  .default([])
  .describe(
    'Where events come from. Default: none, and `run` needs at least one; `replay` names its files itself.',
  )

export type SourceConfig = z.output<typeof sources>[number]
