import { type ServerReadableStream, type StatusObject, status } from '@grpc/grpc-js'
import { recordsMax } from '../http/cut-body.ts'
import type { Inbox } from '../pushed/inbox.ts'
import { textRecord } from '../pushed/text-record.ts'
import type { WaitingBytes } from '../pushed/waiting-bytes.ts'
import type { LogsMessage } from './access-log-service.ts'
import { entryLine } from './entry-line.ts'

export type LogStream = ServerReadableStream<LogsMessage, object>

export interface LogStreamsOptions {
  readonly inbox: Inbox
  readonly waiting: WaitingBytes
  readonly onNotice: (notice: string) => void
}

/** Takes what Envoys stream, and reads a stream no further while too much of it waits for its commit: then Envoy buffers, and drops. */
export class LogStreams {
  readonly #options: LogStreamsOptions
  readonly #paused = new Set<LogStream>()
  #toldTcp = false

  constructor(options: LogStreamsOptions) {
    this.#options = options
  }

  /** A new stream of an Envoy. It is answered when Envoy ends it, which it does only when it stops, or is refused. */
  add(stream: LogStream, answer: (refusal?: Partial<StatusObject>) => void): void {
    const take = (message: LogsMessage) => {
      const isTooMuch = message.isTooMuch || (message.http_logs?.log_entry?.length ?? 0) > recordsMax
      if (!isTooMuch) return this.#take(stream, message)
      stream.off('data', take)
      const what = `a message with more than ${recordsMax} entries, or with countless parts`
      this.#options.onNotice(`${what}, was refused with its stream: lower buffer_size_bytes`)
      answer({ code: status.RESOURCE_EXHAUSTED, details: `${what}: lower buffer_size_bytes` })
    }
    stream.on('data', take)
    stream.on('end', () => answer())
    // Envoy opens another one; what was on its way is lost, as the protocol has no word for what arrived.
    stream.on('error', () => this.#paused.delete(stream))
  }

  #take(stream: LogStream, { http_logs, tcp_logs }: LogsMessage): void {
    const { inbox, waiting, onNotice } = this.#options
    if (tcp_logs && !this.#toldTcp) {
      this.#toldTcp = true
      onNotice('an Envoy sends logs of TCP connections, which are no events: they are ignored')
    }
    const entries = (http_logs?.log_entry ?? []).filter(
      (entry) => !entry.common_properties?.intermediate_log_entry,
    )
    const records = entries.map((entry, offset) => textRecord(entryLine(entry), offset))
    if (records.length === 0) return
    const bytes = records.reduce((sum, record) => sum + record.end, 0)
    const held = waiting.add(stream, bytes, records.length)
    inbox.offer({ records, received: Date.now(), settle: () => this.#release(stream, held) })
    if (!waiting.isFullFor(stream)) return
    stream.pause()
    this.#paused.add(stream)
  }

  #release(of: LogStream, held: number): void {
    const { waiting } = this.#options
    waiting.release(of, held)
    for (const stream of this.#paused) {
      if (waiting.isFullFor(stream)) continue
      this.#paused.delete(stream)
      stream.resume()
    }
  }
}
