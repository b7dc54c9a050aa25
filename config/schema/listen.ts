import { z } from 'zod'
import { port } from './values.ts'

export interface ListenWords {
  /** What follows from opening the address, behind the default. */
  readonly host: string
  /** What listens there. */
  readonly what: string
}

/** A TCP address to listen on: loopback unless configured. */
export function listenAddress(portDefault: number, { host, what }: ListenWords) {
  return z
    .strictObject({
      host: z
        .string()
        .min(1)
        .max(253)
        .default('127.0.0.1')
        .describe(`Address to listen on. Default 127.0.0.1${host}`),
      port: port.default(portDefault).describe(`TCP port. Default ${portDefault}.`),
    })
    .prefault({})
    .describe(what)
}
