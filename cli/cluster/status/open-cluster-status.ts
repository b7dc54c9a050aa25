import type { Closers } from '../../runtime/closers.ts'
import { startStatusServer } from '../../runtime/status/status-server.ts'
import type { Cluster } from '../cluster.ts'

/** Answers probes and Prometheus where status is configured, from before Kafka is reached until the end. */
export async function openClusterStatus(
  { config, log, status }: Pick<Cluster, 'config' | 'log' | 'status'>,
  closers: Closers,
): Promise<void> {
  if (!config.status) return
  const { listen } = config.status
  const server = await startStatusServer(listen, status)
  closers.add(() => server.close())
  log.info({ host: listen.host, port: server.port }, 'status answers: /healthz, /readyz, /metrics')
}
