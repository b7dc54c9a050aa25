import type { Logger } from 'pino'
import type { PicketConfig } from '../../../config/picket-config.ts'
import type { Clock } from '../../../core/ports/clock.ts'
import type { Closers } from '../closers.ts'
import { RunStatus } from './run-status.ts'
import { startStatusServer } from './status-server.ts'

export interface OpenStatusOptions {
  readonly config: Pick<PicketConfig, 'sources' | 'status'>
  readonly clock: Clock
  readonly log: Pick<Logger, 'info'>
  /** Aborts when the run is to stop. */
  readonly signal: AbortSignal
}

/**
 * The status of a run that begins, and its HTTP server when it is configured. It is opened first and closed last, so that
 * probes are answered while state is restored and while everything is closed.
 *
 * @throws Error when the address can't be listened on
 */
export async function openStatus(options: OpenStatusOptions, closers: Closers): Promise<RunStatus> {
  const { config, clock, log, signal } = options
  const status = new RunStatus({ clock, sources: config.sources.map(({ name }) => name) })
  // The signal may have come while the configuration was read.
  if (signal.aborted) status.stopping()
  else signal.addEventListener('abort', () => status.stopping(), { once: true })
  if (config.status) {
    const { host } = config.status.listen
    const server = await startStatusServer(config.status.listen, status)
    closers.add(() => server.close())
    log.info({ host, port: server.port }, 'status answers: /healthz, /readyz, /metrics')
  }
  return status
}
