import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData, status } from '@grpc/grpc-js'
import type { Subject } from '../../core/decision/subject.ts'
import type { Verdict } from '../../core/decision/verdict.ts'
import type { Clock } from '../../core/ports/clock.ts'
import { AnswerCounter, type AnswerCounts } from '../answer-counter.ts'
import { authorizationService, type CheckRequest, type CheckResponse } from './authorization-service.ts'
import { checkResponse } from './check-response.ts'
import { type IdentityOptions, requestSubject } from './request-subject.ts'

export interface ExtAuthzOptions {
  /** Address to listen on; only Envoy should reach it, for nothing here asks who is calling. */
  readonly host: string
  /** 0 lets the system choose. */
  readonly port: number
  /** The decisions in force; must answer from memory. */
  readonly table: { lookup(subject: Subject, nowMs: number): Verdict }
  readonly clock: Clock
  readonly identity?: IdentityOptions
  /** Counts the answers; default: one of its own. */
  readonly counter?: AnswerCounter
  /** Told once for each error that Envoy got instead of an answer; never holds request content. */
  readonly onError?: (error: Error) => void
}

export interface ExtAuthz {
  readonly port: number
  /** Answers given since the start, by type. */
  counts(): AnswerCounts
  /** Answers what is under way, then ends; Envoy's connections are cut after a second. */
  close(): Promise<void>
}

const closeMsMax = 1000

/**
 * Starts Envoy's external authorization over gRPC, answered from the decision table. Whatever goes wrong inside
 * becomes a gRPC error and never a refusal, so that Envoy's `failure_mode_allow` lets the request pass.
 */
export async function startExtAuthz(options: ExtAuthzOptions): Promise<ExtAuthz> {
  const { host, port, table, clock, identity = {}, counter = new AnswerCounter(), onError } = options

  async function check(
    call: ServerUnaryCall<CheckRequest, CheckResponse>,
    answer: sendUnaryData<CheckResponse>,
  ) {
    try {
      const subject = await requestSubject(call.request, identity)
      const verdict = table.lookup(subject, clock.now())
      const response = checkResponse(verdict)
      counter.add(verdict.type)
      answer(null, response)
    } catch (error) {
      counter.add('error')
      answer({ code: status.INTERNAL, details: 'Picket could not decide' })
      onError?.(error as Error)
    }
  }

  const server = new Server()
  server.addService(authorizationService(), { Check: check })
  return { port: await bind(server, host, port), counts: () => counter.counts(), close: () => close(server) }
}

function bind(server: Server, host: string, port: number): Promise<number> {
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(new Error(`ext_authz can't listen on ${address}: ${error.message}`))
      else resolve(bound)
    })
  })
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      server.forceShutdown()
      resolve()
    }, closeMsMax)
    server.tryShutdown(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}
