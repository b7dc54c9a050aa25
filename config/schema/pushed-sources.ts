import { z } from 'zod'
import { isSecretReference, type SecretReference } from '../secret.ts'
import { listenAddress } from './listen.ts'
import { common, formatIds, sourceName } from './source-values.ts'
import { size } from './values.ts'

/** Loopback by name or number: no other machine can reach it. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|::1)$/.test(host)
}

function listen(portDefault: number) {
  return listenAddress(portDefault, {
    host: '. It speaks no TLS: for senders elsewhere put a proxy with TLS in front, or use a network of your own.',
    what: 'Where it listens.',
  })
}

const noToken =
  'must refer to the token and not hold it; write env:NAME, file:/path/to/it with an absolute path, or none on a loopback address'

const token = z
  .string({ error: noToken })
  .refine((text) => text === 'none' || isSecretReference(text), noToken)
  .pipe(z.custom<SecretReference | 'none'>())
  .describe(
    'Reference to the token that senders give as `Authorization: Bearer`, at least 16 characters: env:NAME or file:/path. The word none lets every program of this machine send, and is taken on a loopback address only.',
  )

const noTokenOfSender =
  'must refer to the token and not hold it; write env:NAME, or file:/path/to/it with an absolute path'

const moreTokens = z
  .array(
    z
      .string({ error: noTokenOfSender })
      .refine(isSecretReference, noTokenOfSender)
      .pipe(z.custom<SecretReference>()),
  )
  .max(64)
  .default([])
  .describe(
    'References to further tokens that let in, such as one for each sender behind a proxy. Default none. A sender has its share of `waiting_max` by its token and its address, so with tokens of their own senders at one address do not share.',
  )

function bodyMax(defaultMb: number) {
  return size
    .refine((bytes) => bytes <= 64e6, 'must be at most 64MB')
    .default(defaultMb * 1e6)
    .describe(
      `Largest body of a request, inflated. Default ${defaultMb}MB; a larger one holds up the others for longer.`,
    )
}

const waitingMax = size
  .refine((bytes) => bytes >= 16e6, 'must be at least 16MB')
  .default(64e6)
  .describe(
    'How much may wait for the commit that makes it durable. Default 64MB, all of it memory; beyond it, and one sender beyond what is free beside it, get 429 with Retry-After.',
  )

const http = z
  .strictObject({
    type: z.literal('http').describe('Takes events by HTTP POST to /v1/events.'),
    name: sourceName('http'),
    listen: listen(9190),
    token,
    more_tokens: moreTokens,
    format: z
      .enum(formatIds)
      .default('canonical')
      .describe(
        'Format of the events. Default canonical; the others are for logs that are sent line by line.',
      ),
    body_max: bodyMax(8),
    waiting_max: waitingMax,
    idempotency_keys: z
      .number()
      .int()
      .min(1000)
      .max(1_000_000)
      .default(50_000)
      .describe(
        'How many of the newest Idempotency-Keys are remembered. Default 50000, some 10 MB; a request that is sent again after so many others is judged a second time.',
      ),
    ...common,
  })
  .describe('Events sent by HTTP POST to /v1/events, answered once they are durable.')

const otlp = z
  .strictObject({
    type: z.literal('otlp').describe('Takes OTLP/HTTP logs at /v1/logs.'),
    name: sourceName('otlp'),
    listen: listen(4318),
    token,
    more_tokens: moreTokens,
    format: z
      .enum(formatIds)
      .optional()
      .describe(
        'Format of log lines in the bodies of the records. Default: none, and the attributes tell the event, by the semantic conventions for HTTP.',
      ),
    trust_client_address: z
      .boolean()
      .default(false)
      .describe(
        'Whether `client.address` is believed. Default false, and the client is `network.peer.address`: libraries take the former from X-Forwarded-For as the client wrote it. Set it where the gateway overwrites that header.',
      ),
    body_max: bodyMax(20),
    waiting_max: waitingMax,
    ...common,
  })
  .describe('OTLP/HTTP logs, Protobuf and JSON, answered once they are durable.')

const envoyAls = z
  .strictObject({
    type: z.literal('envoy-als').describe("Takes Envoy's access logs over gRPC."),
    name: sourceName('envoy-als'),
    listen: listen(9192),
    token,
    waiting_max: waitingMax.describe(
      'How much may wait for the commit that makes it durable. Default 64MB, all of it memory; beyond it Envoy is not read, and drops what its own buffer cannot hold.',
    ),
    ...common,
  })
  .describe(
    "Envoy's gRPC access log service. The protocol acknowledges nothing, so entries on their way are lost when Picket stops; where that matters, read a file.",
  )

/** Sources that are sent to, and do not read. */
export const pushed = [http, otlp, envoyAls] as const
