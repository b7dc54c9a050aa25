import { Server, ServerCredentials, type sendUnaryData, status } from '@grpc/grpc-js'
import type { Positions } from '../../../core/event/position.ts'
import type { Source, SourceBatch } from '../../../core/ports/source.ts'
import { knowsToken } from '../http/access.ts'
import { Inbox } from '../pushed/inbox.ts'
import { WaitingBytes } from '../pushed/waiting-bytes.ts'
import { accessLogService } from './access-log-service.ts'
import { type LogStream, LogStreams } from './log-streams.ts'

export interface EnvoyAlsSourceOptions {
  readonly id: string
  readonly host: string
  /** 0 lets the system choose. */
  readonly port: number
  /** What Envoy's `initial_metadata` must hold; `undefined` lets everybody in who reaches the address. */
  readonly token: string | undefined
  readonly idleMs?: number
  /** Most bytes that wait for a commit; beyond it nothing is read, and Envoy drops what its buffer can't hold. */
  readonly waitingBytesMax?: number
  readonly onNotice?: (notice: string) => void
}

/** Envoy flushes at 16 KB unless told otherwise. A larger message is refused: small parts cost far more than their bytes. */
const messageBytesMax = 4 * 1024 * 1024

/**
 * Envoy's gRPC access log service. The protocol acknowledges nothing: what is on its way when Picket or the connection
 * ends is lost, and Envoy drops entries while nobody takes them. Where that matters, let Envoy write a file.
 */
export class EnvoyAlsSource implements Source {
  readonly id: string
  readonly #options: EnvoyAlsSourceOptions
  readonly #inbox: Inbox
  #port: number | undefined

  constructor(options: EnvoyAlsSourceOptions) {
    this.id = options.id
    this.#options = options
    this.#inbox = new Inbox(options.id, 'accesslog')
  }

  /** TCP port, while it listens. */
  get port(): number | undefined {
    return this.#port
  }

  async *read(from: Positions, signal: AbortSignal): AsyncGenerator<SourceBatch> {
    if (signal.aborted) return
    const { host, port, token, idleMs = 30_000, waitingBytesMax = 64e6, onNotice = () => {} } = this.#options
    const waiting = new WaitingBytes(waitingBytesMax)
    const streams = new LogStreams({ inbox: this.#inbox, waiting, onNotice })
    const isAllowed = knowsToken(token)
    const server = new Server({ 'grpc.max_receive_message_length': messageBytesMax })
    server.addService(accessLogService(), {
      StreamAccessLogs(stream: LogStream, answer: sendUnaryData<object>) {
        if (isAllowed(String(stream.metadata.get('authorization')[0] ?? '')))
          streams.add(stream, (refusal) => answer(refusal ?? null, {}))
        else
          answer({
            code: status.UNAUTHENTICATED,
            details: 'set the token of this source in initial_metadata',
          })
      },
    })
    this.#port = await bind(server, host, port)
    try {
      yield* this.#inbox.batches(from, signal, idleMs)
    } finally {
      // Streams have no end of their own, and nothing more could be told to whoever holds them open.
      server.forceShutdown()
      this.#port = undefined
    }
  }

  async committed(positions: Positions): Promise<void> {
    this.#inbox.committed(positions)
  }

  async close(): Promise<void> {
    this.#inbox.close()
  }
}

function bind(server: Server, host: string, port: number): Promise<number> {
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(new Error(`can't listen on ${address} for access logs of Envoy: ${error.message}`))
      else resolve(bound)
    })
  })
}
